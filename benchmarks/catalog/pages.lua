-- wrk script: every request asks for one of the paths of a file, by chance.
-- Arguments after `--`: file of paths, seed. How it tells what it saw stands in transfers.lua.

dofile("benchmarks/transfers.lua")

function init(args)
  paths = {}
  for path in io.lines(args[1]) do paths[#paths + 1] = path end
  math.randomseed(tonumber(args[2]) * 64 + thread_number)
  statuses = {}
  local head = {}
  for name, value in pairs(wrk.headers) do head[#head + 1] = name .. ": " .. value end
  tail = " HTTP/1.1\r\n" .. table.concat(head, "\r\n") .. "\r\n\r\n"
end

function request()
  return "GET " .. paths[math.random(#paths)] .. tail
end
