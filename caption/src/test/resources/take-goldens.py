"""Makes the test data of this module from the goldens that run_all.sh wrote (see README.md): what is in them twice is kept once."""

import json
import shutil
import sys
from pathlib import Path

from safetensors.numpy import load_file, save_file

source, target = Path(sys.argv[1]), Path(__file__).parent
blip = source / "blip"


def copy(name, *files):
    (target / name).mkdir(exist_ok=True)
    for file in files:
        shutil.copyfile(blip / name / file, target / name / file)


def vectors(name, *keys):
    stored = load_file(blip / name / "io.safetensors")
    save_file({key: stored[key] for key in keys}, target / name / "io.safetensors")


def cases(name):
    kept = json.loads((blip / name / "cases.json").read_text())
    for case in kept:
        for row in case["rows"]:
            for key in ("text", "text_with_special"):
                del row[key]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in kept)
    (target / name / "cases.json").write_text(f"[\n{lines}\n]\n")


copy("tokenizer-bert", "vocab.txt", "cases.json")
copy("preprocessing", "cases.json")
(target / "pictures").mkdir(exist_ok=True)
for picture in (source / "pictures").glob("*.png"):
    shutil.copyfile(picture, target / "pictures" / picture.name)

CONFIGS = ("config.json", "preprocessor_config.json", "tokenizer_config.json")
copy("model", "model.safetensors", "vocab.txt", *CONFIGS)
vectors("model", "pixel_values", "vision", "ids", "text", "logits", "interpolated.pixel_values", "interpolated.vision")
cases("model")

# All but the head is as in "model".
copy("model-untied", "config.json")
head = "text_decoder.cls.predictions"
stored = load_file(blip / "model-untied" / "model.safetensors")
keys = [f"{head}.decoder.weight", f"{head}.decoder.bias", f"{head}.bias", "text_decoder.bert.embeddings.position_ids"]
for key, value in load_file(blip / "model" / "model.safetensors").items():
    assert key in keys or (stored[key] == value).all(), key
save_file({key: stored[key] for key in keys}, target / "model-untied" / "head.safetensors")
vectors("model-untied", "logits")
cases("model-untied")

copy("model-bare", "model.safetensors", *CONFIGS)
vectors("model-bare", "vision_every_16th", "ids", "text", "logits_every_16th")
cases("model-bare")
