"""Writes captions.json: what transformers 5.17.0 and Pillow 12.3.0 make of each picture in the way of pix2pix-zero's code.

A picture goes to 512x512 by Lanczos, then through the processor; 3 beams, 10 to 30 tokens. Without a word the prompt is
"a picture of ", which LAVIS cuts off by its length; with one, "a photo of a WORD". Where float64 gives another sentence,
rounding decides, and the row is left out.
"""

import copy
import json
from pathlib import Path

import torch
from PIL import Image
from transformers import BertTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil

torch.set_num_threads(1)
here = Path(__file__).parent
model = BlipForConditionalGeneration.from_pretrained(here / "model-bare", dtype=torch.float32).eval()
double = copy.deepcopy(model).double()
tokenizer = BertTokenizer(str(here / "tokenizer-bert" / "vocab.txt"))
processor = BlipImageProcessorPil()


def caption(network, pixels, prompt):
    ids = torch.tensor([tokenizer(prompt).input_ids])
    out = network.generate(pixels.to(network.dtype), input_ids=ids, num_beams=3, min_length=10, max_length=30, do_sample=False)
    return tokenizer.decode(out[0], skip_special_tokens=True, clean_up_tokenization_spaces=True)


rows = []
for file in sorted((here / "pictures").glob("*.png")):
    picture = Image.open(file).convert("RGB").resize((512, 512), Image.Resampling.LANCZOS)
    pixels = processor(picture, return_tensors="pt").pixel_values
    for word, prompt in ((None, "a picture of "), ("cat", "a photo of a cat"), ("old owl", "a photo of an old owl")):
        text = caption(model, pixels, prompt)
        if text == caption(double, pixels, prompt):
            rows.append({"picture": file.name, "word": word, "caption": text if word else text[len(prompt):]})
lines = ",\n".join(json.dumps(row) for row in rows)
(here / "captions.json").write_text(f"[\n{lines}\n]\n")
