"""Writes cases.json: SHA-256 of the RGB bytes, in row order, that Pillow 12.3.0 makes of each picture here.

The large sizes are those that captioning (Lanczos to 512, bicubic to 384) and DINO (bilinear to 224) ask for.
"""

import hashlib
import json
from pathlib import Path

from PIL import Image

SIZES = [(512, 512), (384, 384), (224, 224), (7, 301), (37, 20), (90, 91), (1, 1)]
here = Path(__file__).parent


def digest(picture):
    return hashlib.sha256(picture.tobytes()).hexdigest()


cases = []
for file in sorted(here.glob("*.png")):
    picture = Image.open(file).convert("RGB")
    for resample in (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS):
        for size in [picture.size, *SIZES]:
            cases.append(
                {
                    "picture": file.name,
                    "filter": resample.name,
                    "width": size[0],
                    "height": size[1],
                    "sha256": digest(picture.resize(size, resample)),
                }
            )
lines = ",\n".join(json.dumps(case) for case in cases)
(here / "cases.json").write_text(f"[\n{lines}\n]\n")
