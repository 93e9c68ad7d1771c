"""Makes the textual inversions and what transformers makes of them. Run where they are to lie.

Made with torch 2.13, transformers 5.17 and safetensors 0.8, from the folder of the toy model:
python make.py ../../../../../../toy-world/model
"""
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

toy = pathlib.Path(sys.argv[1])
torch.manual_seed(15)
torch.set_num_threads(1)

tokenizer = CLIPTokenizer.from_pretrained(toy / "tokenizer")
model = CLIPTextModel(CLIPTextConfig.from_pretrained(toy / "text_encoder")).float().eval()
weights = {k: v.float() for k, v in load_file(toy / "text_encoder/model.safetensors").items()}
missing, unexpected = model.load_state_dict(weights, strict=False)
if missing:
    missing, unexpected = model.load_state_dict(
        {"text_model." + k: v for k, v in weights.items()}, strict=False)
assert not [k for k in missing if "position_ids" not in k], missing
assert not unexpected, unexpected

table = model.get_input_embeddings().weight.data
vectors = torch.randn(2, table.shape[1]) * table.std()
one = torch.randn(table.shape[1]) * table.std()

# The forms that people publish.
save_file({"emb_params": vectors}, "kitten.safetensors")
save_file({"<kitten>": vectors}, "named.safetensors")
torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": torch.nn.Parameter(vectors)},
            "name": "other-name", "step": 500, "sd_checkpoint": "0123456789",
            "sd_checkpoint_name": "toy"}, "a1111.pt")
torch.save({"string_to_token": {"*": torch.tensor(265)},
            "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(vectors)})},
           "published.pt")
torch.save({"<blob>": one}, "learned_embeds.bin")
save_file({"clip_g": torch.zeros(1, 1280), "clip_l": torch.zeros(1, 768)}, "xl.safetensors")

# As diffusers' load_textual_inversion does it.
tokens = ["<kitten>", "<kitten>_1", "<blob>"]
tokenizer.add_tokens(tokens)
model.resize_token_embeddings(len(tokenizer))
table = model.get_input_embeddings().weight.data
for token, row in zip(tokens, [vectors[0], vectors[1], one]):
    table[tokenizer.convert_tokens_to_ids(token)] = row

expected = {}
for name, text in {
    "kitten": "a photo of a <kitten> <kitten>_1 in the snow",
    "both": "<blob>, a <kitten> <kitten>_1 and a cat",
}.items():
    ids = tokenizer(text, padding="max_length", max_length=77, truncation=True,
                    return_tensors="pt").input_ids
    with torch.no_grad():
        expected[name + ".states"] = model(ids).last_hidden_state[0].contiguous()
    expected[name + ".ids"] = ids[0].contiguous()
    print(text, ids[0][:16].tolist())
save_file(expected, "expected.safetensors")
