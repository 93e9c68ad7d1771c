"""The targets of the GPU beside what was measured: table.py LOG [STEPS] prints it in Markdown.

LOG is what run.sh's tasks have printed. A row measured again counts from its last time. STEPS are those of an edit.
"""

import json
import sys

EAGER, COMPILED, DIFFUSERS = " eager ", " compiled, ", "diffusers, "
STEPS = sys.argv[2] if len(sys.argv) > 2 else "50"
EDIT, DEFAULT = (f"edit, {options} options, {STEPS} + {STEPS} steps: " for options in ("published", "default"))
# Our row, the peer, its row, the number compared, and the most that ours ÷ peer should be.
ROWS = [
    ("unet forward, batch 2", EAGER, "unet forward, batch 2", "ms", 0.6),
    ("unet forward, batch 2, replayed", EAGER, "unet forward, batch 2", "ms", 0.6),
    ("unet forward, batch 2", COMPILED, "unet forward, batch 2", "ms", 1.0),
    ("unet forward, batch 2, replayed", COMPILED, "unet forward, batch 2", "ms", 1.0),
    ("guided step", EAGER, "guided step", "ms", 0.35),
    ("guided step", EAGER, "guided step, maps kept on the device", "ms", None),
    ("guided step, replayed", EAGER, "guided step", "ms", 0.35),
    ("cross-attention with loss gradient", EAGER, "cross-attention with loss gradient", "ms", 0.3),
    ("self-attention, forward", EAGER, "self-attention, forward", "ms", 1.2),
    ("self-attention, backward", EAGER, "self-attention, backward", "ms", 1.2),
    ("vae decode", EAGER, "vae decode", "ms", None),
    (EDIT + "again, whole", DIFFUSERS, EDIT + "again, whole", "s", 0.35),
    (DEFAULT + "again, whole", DIFFUSERS, EDIT + "again, whole", "s", 0.35),
    (EDIT + "peak", DIFFUSERS, EDIT + "peak", "MiB", 0.5),
    (EDIT + "peak", DIFFUSERS, EDIT + "peak, reserved", "MiB", None),
    (DEFAULT + "peak", DIFFUSERS, EDIT + "peak", "MiB", 0.5),
]


def find(measured, of, row, unit):
    """The last measurements of a row by those whose name has a part, in their order."""
    return {who: values[unit] for (who, what), values in measured.items() if of in who and what == row and unit in values}


def main():
    measured = {}
    with open(sys.argv[1], errors="replace") as log:
        for line in log:
            if line.startswith('{"of":'):
                values = json.loads(line)
                measured.setdefault((values.pop("of"), values.pop("row")), {}).update(values)
    print("| | ours, float16 | peer | | ratio | reach |")
    print("|---|--:|--:|---|--:|--:|")
    for row, of, theirs, unit, reach in ROWS:
        ours = next((value for who, value in find(measured, "cuda (", row, unit).items() if who.endswith(", float16)")), None)
        peers = find(measured, of, theirs, unit) or {"not measured": None}
        for who, peer in peers.items():
            ratio = f"{ours / peer:.3f}" if ours and peer else "–"
            numbers = [f"{v:.4g} {unit}" if v else "–" for v in (ours, peer)]
            note = who + ("" if row.startswith(theirs) else ": " + theirs)
            print(f"| {row} | {numbers[0]} | {numbers[1]} | {note} | {ratio} | {'≤ ' + str(reach) if reach else '–'} |")
    print("\n| parity | | largest error ÷ largest element |\n|---|---|--:|")
    for (who, row), values in measured.items():
        if "error" in values:
            print(f"| {row} | {who} | {values['error']:.1e} |")


main()
