"""Makes what A1111 makes of weighted prompts with the toy model's text encoder.

An independent implementation of stable-diffusion-webui's parse_prompt_attention
(modules/prompt_parser.py) and of its emphasis "Original" (modules/sd_emphasis.py). Made with torch
2.13, transformers 5.17 and safetensors 0.8:
python make.py ../../../../../toy-world/model
"""
import json
import pathlib
import re
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

toy = pathlib.Path(sys.argv[1])
torch.set_num_threads(1)

tokenizer = CLIPTokenizer.from_pretrained(toy / "tokenizer")
model = CLIPTextModel(CLIPTextConfig.from_pretrained(toy / "text_encoder")).double().eval()
weights = {k: v.double() for k, v in load_file(toy / "text_encoder/model.safetensors").items()}
missing, unexpected = model.load_state_dict(weights, strict=False)
if missing:
    missing, unexpected = model.load_state_dict(
        {"text_model." + k: v for k, v in weights.items()}, strict=False)
assert not [k for k in missing if "position_ids" not in k], missing
assert not unexpected, unexpected

MARKS = re.compile(
    r"\\\(|\\\)|\\\[|\\]|\\\\|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|]|[^\\()\[\]:]+|:")


def parse(text):
    pieces, rounds, squares = [], [], []

    def multiply(start, factor):
        for piece in pieces[start:]:
            piece[1] *= factor

    for match in MARKS.finditer(text):
        mark, weight = match.group(0), match.group(1)
        if mark.startswith("\\"):
            pieces.append([mark[1:], 1.0])
        elif mark == "(":
            rounds.append(len(pieces))
        elif mark == "[":
            squares.append(len(pieces))
        elif weight is not None and rounds:
            multiply(rounds.pop(), float(weight))
        elif mark == ")" and rounds:
            multiply(rounds.pop(), 1.1)
        elif mark == "]" and squares:
            multiply(squares.pop(), 1 / 1.1)
        else:
            pieces.append([mark, 1.0])
    for start in rounds:
        multiply(start, 1.1)
    for start in squares:
        multiply(start, 1 / 1.1)
    merged = []
    for text, weight in pieces:
        if merged and merged[-1][1] == weight:
            merged[-1][0] += text
        else:
            merged.append([text, weight])
    return merged or [["", 1.0]]


PROMPTS = [
    "a photo of a cat",
    "a photo of a (cat:1.2) in the snow",
    "a (photo) of a [cat] in the ((snow))",
    "a (white (cat:0.5) on a beach:1.3) at night",
    "a cat \\(white\\) [in the (snow:1.5)]",
    "a (cat",
    "a [cat (dog:2)",
    "a cat) and a dog] at night:1.5)",
    "(cat:1.2)dog, (oil painting:-1)",
    "",
    "((((cat))))",
    "a \\\\ (b \\x) c:d (e: 1.4 ) (:1.2)",
    "(A Photo of a  CAT:1.1), [snow : 0.5]",
    "(cat:0) dog",
    "a (cat:.5) (dog:+1.5)",
]

cases = []
for prompt in PROMPTS:
    pieces = parse(prompt)
    ids, factors = [], []
    for text, weight in pieces:
        piece = tokenizer(text, add_special_tokens=False).input_ids
        ids += piece
        factors += [weight] * len(piece)
    cases.append({"prompt": prompt, "pieces": pieces, "ids": ids, "factors": factors})
json.dump(cases, open("cases.json", "w"), indent=1)

expected = {}
for number in (1, 2, 3):
    case = cases[number]
    filled = [tokenizer.bos_token_id] + case["ids"]
    filled += [tokenizer.eos_token_id] * (77 - len(filled))
    factors = torch.ones(77, dtype=torch.double)
    factors[1:1 + len(case["factors"])] = torch.tensor(case["factors"], dtype=torch.double)
    with torch.no_grad():
        states = model(torch.tensor([filled])).last_hidden_state
    before = states.mean()
    states = states * factors.reshape(1, -1, 1)
    ratio = before / states.mean()
    states = (states * ratio).float()
    expected[str(number)] = states[0].contiguous()
    print(case["pieces"], before, ratio)
save_file(expected, "states.safetensors")
