-- wrk script: every request is a transfer with a body and an Idempotency-Key of its own.
-- Arguments after `--`: wallet id file, mode (uniform | hot), currency, seed.
-- The key names the seed, the thread and a counter, so it is unique across threads and runs.

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("thread_number", #threads)
end

function init(args)
  wallets = {}
  for id in io.lines(args[1]) do wallets[#wallets + 1] = id end
  hot = args[2] == "hot"
  money = ',"currency":"' .. args[3] .. '"}}'
  seed = args[4]
  math.randomseed(tonumber(seed) * 64 + thread_number)
  sent = 0
  statuses = {}
  local head = { "POST " .. wrk.path .. " HTTP/1.1", "Content-Type: application/json" }
  for name, value in pairs(wrk.headers) do head[#head + 1] = name .. ": " .. value end
  head[#head + 1] = "Idempotency-Key: bench-" .. seed .. "-" .. thread_number .. "-"
  prefix = table.concat(head, "\r\n")
end

function request()
  sent = sent + 1
  local count = #wallets
  local target = hot and 1 or math.random(count)
  local source = math.random(count - 1)
  if source >= target then source = source + 1 end
  local body = '{"source":"' .. wallets[source] .. '","target":"' .. wallets[target]
    .. '","amount":{"minor":' .. math.random(100) .. money
  return prefix .. sent .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency)
  local counted = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      counted[status] = (counted[status] or 0) + count
    end
  end
  local shown = {}
  for status, count in pairs(counted) do
    shown[#shown + 1] = string.format('"%d":%d', status, count)
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"duration_us":%d,"p50_us":%.0f,"p95_us":%.0f,"p99_us":%.0f,"max_us":%.0f,'
      .. '"connect":%d,"read":%d,"write":%d,"timeout":%d,"statuses":{%s}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95),
    latency:percentile(99), latency.max, errors.connect, errors.read, errors.write,
    errors.timeout, table.concat(shown, ",")))
end
