"""A person writes for ada, the built-in writer for bo. Questions are files, and so are answers.

`python examples/person.py WORKSPACE FOLDER` waits while you write: each question says what to reply to and where. With scripts
behind it, `... FOLDER first.py second.py`, these are the answers, the last one for every further question.
"""

import sys
import time
from pathlib import Path
from threading import Thread

import mascript
from mascript.config import loads

EXPERIMENT = """
[experiment]
name = "person"
arena = "iterated_dilemma_v0"
arguments = {{ horizon = 10 }}
generations = 1
candidates = 2
first_candidates = 2
[evaluation]
episodes = 2
accept_episodes = 4
audit_episodes = 4
[credit]
enabled = false
[writing]
episodes = 0
[[agents]]
name = "ada"
writer = "mailbox"
folder = "{folder}"
[[agents]]
name = "bo"
"""


def answer(folder: Path, scripts: list[str]) -> None:
    """Answer every question that appears, for as long as the program runs."""
    while True:
        for question in sorted(folder.glob("*.ask.md")):
            reply = question.with_name(question.name.replace(".ask.", ".reply."))
            if not reply.exists():
                text = Path(scripts.pop(0) if len(scripts) > 1 else scripts[0]).read_text(encoding="utf-8")
                draft = reply.with_suffix(".draft")
                draft.write_text(f"```python\n{text}```\n", encoding="utf-8")
                draft.rename(reply)  # so that it appears whole
        time.sleep(0.1)


if __name__ == "__main__":
    workspace, folder, *scripts = sys.argv[1:]
    if scripts:
        Thread(target=answer, args=(Path(folder), scripts), daemon=True).start()
    else:
        print(f"questions appear in {folder} as *.ask.md; write each answer as the *.reply.md that it names", flush=True)
    summary = mascript.run(loads(EXPERIMENT.format(folder=folder)), workspace, workers=1)
    for row in summary.audit:
        print(f"{row.who} against {row.against or 'the others'}: {row.mean}")
    print(f"`mascript transcript {summary.run}` shows who wrote what")
