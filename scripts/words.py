#!/usr/bin/env python3
"""Checks the vocabulary of the project: scripts/words.py

Prints each word that the project does not use, with its file and line and the word to use instead, and exits with 1 if there is one.
Checks names, comments, texts and descriptions in tracked source files and documents. Requires only Python and git.
"""

import re
import subprocess
import sys
from pathlib import Path

FILES = ["*.rs", "*.md", "*.graphql", "*.sh", "*.py", "*.mjs"]

# A pattern, and the words to use instead.
WORDS = {
    r"shelf(?! mark)|shelves": "loader",
    r"doors?": "gate, entry",
    r"strangers?": "anonymous",
    r"told|tells?|telling": "report, publish, state",
    # The names of metrics are fixed.
    r"kept(?!_total)": "cached, stored, preserved",
    r"asked": "requested, selected, queried",
    r"given(?! name)": "stated, passed, present",
    r"settl(?:e|es|ing)": "refresh derived rows, refund",
    r"bury|buried|buries": "leave a tombstone",
    r"siev(?:e|es|ed)|sift(?:s|ed)?|shak(?:e|es|en)": "filter, prune",
    r"desks?": "subscription group",
    r"stock(?:s|ed|ing)?": "prefetch",
    r"dear(?:er|est)?": "expensive",
    r"mend(?:s|ed|ing)?": "correct, repair",
    r"anew": "again",
    r"lest": "so that",
    r"whoever|whomever|somebody|someone|nobody": "reader, client, author, or another role",
}
WORD = re.compile(r"(?<![^\W_])(?:" + "|".join(WORDS) + r")(?![^\W_])", re.IGNORECASE)

# In comments and documents only.
PROSE = [
    (re.compile(r"(?:^|(?<=[.!?] ))(?:What|Whatever|Whether|Who|Whom|Whose)\b[^?]*$"), "subject, verb, object"),
    (re.compile(r"\b(?:he|his|him|himself)\b"), "it, they, the client"),
]
COMMENT = re.compile(r'\s*(?://[/!]?|#(?![\[!])|/?\*+|""")\s*(.*)|.*[;,{})] // (.*)')

# Files that are corrected later, or whose words come from those files. Each entry must be in use.
LATER = {
    "crates/api/": ".*",
    "crates/persistence/": ".*",
    "schema.graphql": ".*",
    "crates/domain/src/exchange": "asked",
    "crates/mirror/src/lib.rs": "anew",
    "crates/pomost/src/logging/filter.rs": "asked|shelf",
    "docs/adding-an-entity.md": "asked",
    "tests/it/filter_tree": "asked",
    "tests/it/import": "given",
    "tests/it/mirror_names.rs": "asked",
}
# The list of words, and place names and phrases in other languages.
DATA = ("scripts/words.py", "crates/generator/src/names/", "crates/generator/src/phrases")


def prose(path, line):
    """The part of a line that is a comment or the text of a document."""
    if path.suffix == ".md":
        return re.sub(r"^[\s|*>-]*|\*\*|`[^`]*`", "", line)
    found = COMMENT.match(line)
    return (found[1] or found[2] or "") if found else ""


def findings(path):
    """The words of a file: line, word, and the words to use instead."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for found in WORD.finditer(line):
            yield number, found[0], next(say for word, say in WORDS.items() if re.fullmatch(word, found[0], re.IGNORECASE))
        for pattern, say in PROSE:
            for found in pattern.finditer(prose(path, line)):
                yield number, found[0], say


def main():
    tracked = subprocess.run(["git", "ls-files", *FILES], capture_output=True, text=True, check=True).stdout.splitlines()
    faults, unused = 0, set(LATER)
    for name in tracked:
        if name.startswith(DATA):
            continue
        room = next((room for room in LATER if name.startswith(room)), None)
        for number, word, say in findings(Path(name)):
            if room and re.fullmatch(LATER[room], word, re.IGNORECASE):
                unused.discard(room)
                continue
            print(f"{name}:{number}: {word!r}: say {say}", file=sys.stderr)
            faults += 1
    for room in unused:
        print(f"scripts/words.py: {room}: no word is excepted: remove the entry from LATER", file=sys.stderr)
        faults += 1
    if not faults:
        print("The vocabulary is that of the project.")
    return 1 if faults else 0


sys.exit(main())
