"""Lessons that are wrong on purpose: what .ci/mutate and .ci/worlds share.

Lessons are independent functions, so one round makes every lesson wrong in one place and builds once; then each
lesson's test runs in a process of its own, while the next round is built. What does not compile is taken out of its
round. It works on a copy in target/mutate; the checkout is not changed.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "target/mutate"
SOURCE = SCRATCH / "source"
TEXTS = {f"src/{path.name}": path.read_text() for path in sorted(ROOT.glob("src/*.rs"))}


@dataclass
class Function:
    """A lesson, or what lessons call, in the file of its chapter."""

    path: str
    start: int  # in the file's text
    text: str  # from its first line to the closing brace
    head: int  # how much of that comes before the body
    line: int
    lessons: list = field(default_factory=list)  # that run it


@dataclass(eq=False)
class Mutation:
    """A function that is wrong in one place, in one way or several (`off` tries several bounds): one that is noticed will do."""

    function: Function
    operator: str
    ways: list  # the function's text, wrong; still to be tried
    missed: list = field(default_factory=list)  # that compiled and were not noticed
    noticed: str = ""  # "assertion", "acts", "snapshot", or nothing
    error: str = ""  # of the compiler

    def changes(self, way):
        """The lines that differ: their numbers, what they were, and what they are."""
        lines = enumerate(zip(self.function.text.split("\n"), way.split("\n")), self.function.line)
        return [(line, was.strip(), now.strip()) for line, (was, now) in lines if was != now]

    def first(self):
        return self.changes((self.missed + self.ways)[0])

    def __str__(self):
        return f"{self.operator}: " + " ".join(f"{was} -> {now};" for _, was, now in self.first())

    def place(self):
        return f"{self.function.path}:{self.first()[0][0]} {self.function.lessons[0]}: {self.operator}"


@dataclass(eq=False)
class Edit(Mutation):
    """A mutation from src/edits; its operator is the belief, or the mistake."""

    source: str = ""  # file and line
    diff: list = field(default_factory=list)
    excuse: str = ""  # why nobody can notice it
    no_world: str = ""  # why it is none, though it is a belief

    def is_world(self):
        """Whether what the lesson shows then is what somebody believes."""
        return self.operator.startswith("> ") and not self.excuse and not self.no_world

    def __str__(self):
        return "\n    ".join(self.diff)

    def place(self):
        return f"{self.source} {self.function.lessons[0]}: {self.operator}"


def hidden(code):
    """The code with its comments and the insides of its strings made unrecognisable; as long as it was."""
    def hide(found):
        return " " * len(found[0]) if found[0].startswith("//") else re.sub(r"[^\n\"']", "~", found[0])
    return re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.[^']*|[^'\\])'", hide, code, flags=re.S)


def contents():
    """The chapters in reading order, with their lessons; not those that only the compiler tries, or only Windows."""
    table = re.search(r"^contents! \{\n(.*?)^\}", TEXTS["src/contents.rs"], re.M | re.S)[1]
    return {chapter: [lesson for lesson, kind in re.findall(r"(\w+): \w+(?: \[(.*?)\])?(?: pictured)?,", lessons)
                      if kind not in ("compiler", "windows")]
            for chapter, lessons in re.findall(r"^    (\w+).*? \{\n(.*?)^    \}", table, re.M | re.S)}


def functions(chapter, lessons):
    """The functions of a chapter that are lessons, or that lessons call, by their names."""
    path = f"src/{chapter}.rs"
    text, found = TEXTS[path], {}
    for each in re.finditer(r"^[\w()\" ]*\bfn (\w+)(?:(?!^\}).)*?\{\n(.*?)^\}", text, re.M | re.S):
        line = text.count("\n", 0, each.start()) + 1
        found[each[1]] = Function(path, each.start(), each[0], each.start(2) - each.start(), line)
    for lesson in lessons:
        if lesson not in found:
            sys.exit(f"src/contents.rs lists {chapter}::{lesson}, but {path} has no such function")
        reached, called = set(), {lesson}
        while called:
            reached |= called
            called = {word for name in called
                      for word in re.findall(r"(?<![.:\w])\w+(?=\()", hidden(found[name].text[found[name].head:]))}
            called = called & found.keys() - reached
        for name in reached:
            found[name].lessons.append(f"{chapter}::{lesson}")
    return {name: function for name, function in found.items() if function.lessons}


def edits(chapter, found):
    """The chapter's edits from src/edits, and what is wrong with others."""
    path, listed, wrong = f"src/edits/{chapter}.md", [], []
    file = ROOT / path
    text = file.read_text() if file.exists() else ""
    for section in re.finditer(r"^## (.*)\n(?:(?!## ).*\n?)*", text, re.M):
        lesson, full_name = section[1].strip(), f"{chapter}::{section[1].strip()}"
        parts = re.split(r"^```(?:diff)?\n", section[0] + "\n", flags=re.M)
        line = text.count("\n", 0, section.start()) + 1
        if lesson not in found or full_name not in found[lesson].lessons:
            wrong.append(f"{path}:{line} no lesson with a body is {full_name}: take its name from src/contents.rs")
            continue
        if len(parts) % 2 == 0 or parts[-1].strip():
            wrong.append(f"{path}:{line} {lesson} does not end with a ```diff block, as an edit does")
        for at in range(1, len(parts) - 1, 2):
            above = parts[at - 1].removeprefix(f"## {section[1]}")
            says, *reasons = re.split(r"\n(Not noticed|Not a world):", above)
            reasons = {kind: " ".join(reason.split()) for kind, reason in zip(reasons[::2], reasons[1::2])}
            lines, says = says.strip().splitlines(), " ".join(says.split())
            diff = parts[at].splitlines()
            was, now = ([each[2:] for each in diff if each[:1] == sign] for sign in "-+")
            places = list(re.finditer(r"\s*".join(map(re.escape, "".join("".join(was).split()))), found[lesson].text))
            source = f"{path}:{line + ''.join(parts[:at]).count(chr(10)) + at - 1}"
            if not says or not was or [each[:1] for each in diff] != ["-"] * len(was) + ["+"] * len(now):
                wrong.append(f"{source} {lesson}: write a quotation or a sentence, then ```diff with lines that begin "
                             "with `- ` and, unless something is only taken away, lines that begin with `+ `")
            elif says.startswith("> ") and len(lines) > 1:
                wrong.append(f"{source} {lesson}: write the belief on one line, however long, and nothing else there")
            elif len(places) != 1:
                advice = "add what is around it" if places else "copy it from the lesson as it is now"
                wrong.append(f"{source} {lesson}: what the edit replaces occurs {len(places)} times in the lesson, and "
                             f"has to occur once: {advice}")
            else:
                function = replace(found[lesson], lessons=[full_name])
                start, end = places[0].span()
                way = function.text[:start] + "\n".join(now) + function.text[end:]
                listed.append(Edit(function, says, [way], source=source, diff=diff,
                                   excuse=reasons.get("Not noticed", ""), no_world=reasons.get("Not a world", "")))
    return listed, wrong


def one_per_lesson(pending):
    """The first pending mutation of every lesson."""
    chosen, used = [], set()
    for mutation in pending:
        if used.isdisjoint(mutation.function.lessons):
            chosen.append(mutation)
        used.update(mutation.function.lessons)
    return chosen


@contextmanager
def copied_checkout():
    """With a copy of what git would take of the checkout, changed or not."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with open(SCRATCH / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once would change each other's copy
        copy_checkout()
        yield
        shutil.rmtree(SOURCE)


def copy_checkout():
    shutil.rmtree(SOURCE, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, SOURCE / name)


def write_sources(mutated):
    """The chapters with these mutations, and without those of the round before; returns the lines where each stands."""
    lines = {}
    for path, text in TEXTS.items():
        moved = 0
        for mutation in sorted(mutated, key=lambda mutation: mutation.function.start):
            function, way = mutation.function, mutation.ways[0]
            if function.path == path:
                start = function.start + moved
                text = text[:start] + way + text[start + len(function.text):]
                moved += len(way) - len(function.text)
                first = text.count("\n", 0, start) + 1
                lines[mutation] = range(first, first + way.count("\n") + 1)
        if (SOURCE / path).read_text() != text:  # so that cargo builds no more than it must
            (SOURCE / path).write_text(text)
    return lines


def build():
    """The test binary, or None and the errors: each a file, its lines there, and what it says."""
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(SCRATCH / "target"),
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_INCREMENTAL": "1",
        "RUSTFLAGS": "--cap-lints=allow",  # a mutation may leave something unused
    }
    run = subprocess.run(["cargo", "test", "--locked", "--no-run", "--test", "lessons", "--message-format=json"],
                         cwd=SOURCE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode == 0:
        return next(each["executable"] for each in messages
                    if each["reason"] == "compiler-artifact" and each["target"]["name"] == "lessons"), []
    errors = [each["message"] for each in messages
              if each["reason"] == "compiler-message" and each["message"]["level"] == "error"]
    if not errors:
        sys.exit(run.stderr)
    return None, [(span["file_name"], range(span["line_start"], span["line_end"] + 1), error["message"])
                  for error in errors for span in error["spans"] if span["is_primary"]]


def build_with(mutated):
    """The test binary with those of the mutations that compile, and these."""
    while True:
        lines = write_sources(mutated)
        binary, errors = build()
        if binary:
            return binary, mutated
        if not mutated:
            places = "\n".join(f"{path}:{where[0]} {said}" for path, where, said in errors)
            sys.exit(f"the lessons do not compile as they are:\n{places}")
        broken = {mutation: said for mutation in mutated for path, where, said in errors[::-1]
                  if path == mutation.function.path and {*where} & {*lines[mutation]}}
        if len(mutated) == 1:
            broken = {mutated[0]: errors[0][2] if errors else "with an error that has no place"}
        for mutation, said in broken.items():
            mutation.ways.pop(0)
            mutation.error = said
        left = [mutation for mutation in mutated if mutation not in broken]
        if not broken:
            # The error is in none of them: find by halves whose it is.
            half = len(mutated) // 2
            left = build_with(mutated[:half])[1] + build_with(mutated[half:])[1]
            if len(left) == len(mutated):
                sys.exit("compile only one by one: " + " ".join(mutation.place() for mutation in mutated))
        mutated = left


def execute(binary, name, *arguments, seconds, place=None, **environment):
    """Runs a test in a process of its own, its files in a place: its status, None where it hangs, and what it says."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("INSTA_", "ACTS_", "RUST", "MAY_LACK"))}
    environment = {**inherited, **environment}
    with tempfile.TemporaryDirectory(dir=place) as folder, tempfile.TemporaryFile() as output:
        environment.update(CI="1", INSTA_UPDATE="no", INSTA_WORKSPACE_ROOT=str(SOURCE), RUST_BACKTRACE="0",
                           CARGO_MANIFEST_DIR=str(SOURCE), TMPDIR=folder, EDITED="1")
        # The output goes into a file, since a pipe would stay open for as long as any child of the test lives.
        child = subprocess.Popen([binary, "--exact", name, *arguments], cwd=SOURCE, env=environment,
                                 stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # nothing of it is left
        child.wait()
        output.seek(0)
        return status, output.read().decode(errors="replace")


def in_rounds(tried, judge):
    """Calls judge(binary, mutation) with each way of each mutation that compiles, until that says that it is enough."""
    pending, enough = tried, set()
    with ThreadPoolExecutor(2) as pool:
        testing, binaries = {}, {}
        while pending or testing:
            if pending:
                binary, mutated = build_with(one_per_lesson(pending))
                if mutated:
                    # Out of the next build's way.
                    binary = Path(binary).replace(SOURCE / f"lessons-{time.monotonic_ns()}")
                for mutation in mutated:
                    testing[mutation] = pool.submit(judge, binary, mutation)
                    binaries[mutation] = binary
            else:
                wait(testing.values())
            for mutation in [mutation for mutation in testing if testing[mutation].done()]:
                if testing.pop(mutation).result():
                    enough.add(mutation)
                else:
                    mutation.missed.append(mutation.ways.pop(0))
                binary = binaries.pop(mutation)
                if binary not in binaries.values():
                    binary.unlink()
            pending = [each for each in tried if each.ways and each not in enough and each not in testing]
