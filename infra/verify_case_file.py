"""Check a case file: `python3 infra/verify_case_file.py FILE [--head HASH]`. Nothing but Python is needed.

Says what is wrong and exits with 1 where an entry was edited, dropped, swapped or cut off, or where the file is not the
one that was sealed. `--head` is the hash that the service shows for the case today (`timeline.head`), for whoever does
not want to believe the file's own. With CASE_FILE_SECRET in the environment (the service's LINK_SECRET) the seal over
the whole document is checked as well.

Who of the marketplace's people decided is told to no party: it is a word among the others, whose digest alone they get.
Entries of versions before 0.8.0 have it under their hash: a party's file leaves it out, and verifies their place alone.

That words were erased is no fault, and is said. The hash of an entry covers salted digests of what people typed. In
entries of 0.1.0 and 0.2.0 it covers the words themselves: once they are erased, only such an entry's place is verified.
"""

import argparse
import hashlib
import hmac
import json
import os
import sys
from pathlib import Path
from typing import Any

SALTED = "salted:"
STAFF = ("support", "operator", "finance")
NOT_HASHED = ("hash", "private", "withheld", "erased")


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def faults(document: dict[str, Any], head: str | None = None, secret: str | None = None) -> list[str]:
    """Everything that is wrong with the document; empty where it is whole."""
    found: list[str] = []
    timeline = document["timeline"]
    entries, left_out = timeline["entries"], timeline.get("left_out", 0)
    # Of a long timeline the file holds the end; what lies before it is vouched for by the first entry's `previous`.
    previous = entries[0].get("previous", "") if left_out and entries else ""
    for number, entry in enumerate(entries, start=left_out + 1):
        if entry.get("seq") != number:
            found.append(f"entry {number}: it says it is number {entry.get('seq')}")
        if entry.get("previous", "") != previous:
            found.append(f"entry {number}: it does not follow the entry before it")
        own = salted_faults(entry) if is_salted(entry) else faults_of_0_2_0(entry)
        own += file_faults(entry, document.get("evidence", []))
        found += [f"entry {number}: {fault}" for fault in own]
        previous = entry.get("hash", "")
    if timeline["count"] != left_out + len(entries):
        found.append(f"the row counts {timeline['count']} entries, the file has {left_out + len(entries)}")
    for whose, wanted in (("the row's", timeline["head"]), ("the given", head)):
        if wanted is not None and previous != wanted:
            found.append(f"the last entry is not {whose} head")
    if secret is not None and not hmac.compare_digest(seal(document, secret), str(document.get("seal"))):
        found.append("the seal is broken: something in this file is not what the service wrote")
    return found


def is_salted(entry: dict[str, Any]) -> bool:
    """Whether its hash covers salted digests of what people typed. The next entry and the head repeat the hash, so none
    of one kind passes for the other."""
    return str(entry.get("hash")).startswith(SALTED)


def salted_faults(entry: dict[str, Any]) -> list[str]:
    """What is wrong with one entry by itself; of each word that is there, salt and text make its digest."""
    content = {name: value for name, value in entry.items() if name not in NOT_HASHED}
    found = []
    differs = SALTED + hashlib.sha256(canonical(content)).hexdigest() != entry["hash"]
    if (differs and not is_nameless(entry)) or "erased" in entry:
        found.append("its content is not what was hashed")
    for name, word in entry.get("private", {}).items():
        digest = hashlib.sha256(canonical([word["salt"], name, word["text"]])).hexdigest()
        if digest != entry.get("digests", {}).get(name):
            found.append(f"its {name} is not what was hashed")
    return found


def faults_of_0_2_0(entry: dict[str, Any]) -> list[str]:
    """The same for an entry of 0.1.0 or 0.2.0: the words are under its hash, a note by a digest of its own."""
    if "private" in entry:
        return ["it holds words beside its content, as no entry of its kind does"]
    if entry.get("erased") or is_nameless(entry):
        return []
    found = []
    content = {name: value for name, value in entry.items() if name not in NOT_HASHED and name != "note"}
    if hashlib.sha256(canonical(content)).hexdigest() != entry.get("hash"):
        found.append("its content is not what was hashed")
    if "note" in entry:
        note = hashlib.sha256(f"{entry['decision_id']}:{entry['note']}".encode()).hexdigest()
        if note != entry.get("note_digest"):
            found.append("its note is not what was hashed")
    return found


def is_nameless(entry: dict[str, Any]) -> bool:
    """Whether this reader is not told who of the marketplace's people it was, though the hash covers it."""
    of_staff = entry.get("actor", {}).get("role") in STAFF and "id" not in entry["actor"]
    return of_staff and "actor" in entry.get("withheld", [])


def remarks(document: dict[str, Any]) -> list[str]:
    """What was erased, and what this reader was not given; neither is a fault."""
    found = []
    for entry in document["timeline"]["entries"]:
        number, withheld = entry["seq"], entry.get("withheld", [])
        if is_salted(entry):
            gone = sorted(entry.get("digests", {}).keys() - entry.get("private", {}).keys() - set(withheld))
        else:
            gone = entry.get("erased", [])
        if gone:
            rest = "" if is_salted(entry) else "; its place is verified, what else it says is not"
            found.append(f"entry {number}: erased: {', '.join(gone)}{rest}")
        if withheld:
            rest = "; its place is verified, what else it says is not" if is_nameless(entry) else ""
            found.append(f"entry {number}: not for this reader: {', '.join(withheld)}{rest}")
    return found


def file_faults(entry: dict[str, Any], evidence: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the files that lay there when this entry was written: one `id:sha256` a line, as seen."""
    named = (entry.get("facts") or {}).get("evidence")
    if named is None:
        return []
    seen = [file for file in evidence if file.get("seen_at") and not file.get("refused")]
    lines = [f"{file['evidence_id']}:{file['sha256']}" for file in sorted(seen, key=_order)[: named["count"]]]
    same = hashlib.sha256("\n".join(lines).encode()).hexdigest() == named["sha256"]
    return [] if same else ["the files are not those that lay there"]


def _order(file: dict[str, Any]) -> tuple[str, str]:
    """Moments are UTC; with and without a fraction they sort alike once their sign of UTC is gone."""
    return str(file["seen_at"]).removesuffix("Z").removesuffix("+00:00"), str(file["evidence_id"])


def seal(document: dict[str, Any], secret: str) -> str:
    """The seal that the service would put on this document."""
    content = {name: value for name, value in document.items() if name != "seal"}
    return hmac.new(f"case-file:{secret}".encode(), canonical(content), hashlib.sha256).hexdigest()


def main() -> int:
    """Check the file that was named."""
    parser = argparse.ArgumentParser(description="Check a case file of Batal.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--head", help="the timeline's head as the service shows it today")
    given = parser.parse_args()
    try:
        document = json.loads(given.file.read_text(encoding="utf-8"))
        found = faults(document, given.head, os.environ.get("CASE_FILE_SECRET"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"This is not a case file: {error!r}", file=sys.stderr)
        return 1
    for fault in found:
        print(fault, file=sys.stderr)
    for remark in remarks(document):
        print(remark)
    if not found:
        timeline = document["timeline"]
        without = f" (the first {timeline['left_out']} are not in this file)" if timeline.get("left_out") else ""
        print(f"whole: {len(timeline['entries'])} entries{without}, head {timeline['head']}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
