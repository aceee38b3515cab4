"""Planted faults in how callers are let in by what was seen last, with the tests that find each."""

from tests.mutants.mutant import Mutant

LOG = ("tests/event_log/races/test_rights.py",)
EDGE = ("tests/http/identity/test_let_in.py",)
ASSUMED = ("tests/http/identity/test_assumed.py",)
WRITING = "infrastructure/event_log/writing/"
SESSIONS = "interfaces/http/edge/sessions.py"

RIGHTS = (
    Mutant(
        "the log does not hold rights against its streams",
        WRITING + "deciding.py",
        "return all(self.state(stream)[0] == version for stream, version in at.items())",
        "return True",
        LOG,
    ),
    Mutant(
        "an outcome is told again to who lost the right",
        WRITING + "batch.py",
        "lost = known is not None and pending.unknown",
        "lost = known is not None",
        LOG,
    ),
    Mutant(
        "an outcome whose answer was lost is kept from who lost the right since",
        WRITING + "batch.py",
        "lost = known is not None and pending.unknown",
        "lost = False",
        ASSUMED,
    ),
    Mutant(
        "what may have been answered is not looked for",
        WRITING + "batch.py",
        " or any(p.unknown for p in part.commands):",
        ":",
        ASSUMED,
    ),
    Mutant(
        "what is decided ahead is not held against rights",
        WRITING + "early/ahead.py",
        "if not self.decided.stands(pending.envelope.rights_at):",
        "if self is None:",
        LOG,
    ),
    Mutant(
        "a refusal is told to who was only assumed to be known",
        "interfaces/http/edge/gate.py",
        "if exchange.assumed is None or exchange.assumed.looked:",
        "if exchange:",
        EDGE,
    ),
    Mutant(
        "what a fail-over took back stays known",
        "infrastructure/identity/standing.py",
        "if known.version != version:",
        "if known.version < version:",
        ASSUMED,
    ),
    Mutant(
        "a refusal is told while nobody can be looked at",
        "interfaces/http/edge/gate.py",
        "return error if refusal is None or refusal.status >= FAILURES_FROM else fault",
        "return error",
        ASSUMED,
    ),
    Mutant(
        "what a command is made of is not looked at with the rights of now",
        "interfaces/http/routing/command.py",
        "except (RightsChanged, Problem, Refusal) as no:",
        "except RightsChanged as no:",
        ASSUMED,
    ),
    Mutant(
        "what a look saw is not held against the log",
        SESSIONS,
        "Assumed(rights.at, confirm, looked=True)",
        "Assumed({}, confirm, looked=True)",
        EDGE,
    ),
    Mutant(
        "who was looked at for this very request is looked at again",
        SESSIONS,
        "Assumed(rights.at, confirm, looked=True)",
        "Assumed(rights.at, confirm, looked=False)",
        EDGE,
    ),
    Mutant(
        "rights that change after a look are told as a refusal of it",
        "interfaces/http/routing/command.py",
        "(assumed.looked and not isinstance(no, RightsChanged))",
        "assumed.looked",
        EDGE,
    ),
    Mutant(
        "who was acted for stays",
        SESSIONS,
        "exchange.principal, exchange.on_behalf_of = caller, None\n        exchange",
        "exchange.principal = caller\n        exchange",
        ASSUMED,
    ),
    Mutant(
        "who is looked at anew needs no permission",
        SESSIONS,
        "        await self._look(exchange, caller, claims)\n        check_permission(exchange)\n",
        "        await self._look(exchange, caller, claims)\n",
        EDGE,
    ),
    Mutant(
        "a permission that was lacking is not looked for again",
        SESSIONS,
        "            check_permission(exchange)\n        except Problem:",
        "        except Problem:",
        EDGE,
    ),
    Mutant(
        "a route that asks elsewhere lets in by what was seen last",
        "interfaces/http/routing/command.py",
        "tenant is None and type(self).respond is CommandRoute[Any].respond",
        "True",
        EDGE,
    ),
)
