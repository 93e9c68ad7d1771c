"""Tokenizers as transformers 5 saves them and with added tokens, and the ids it then gives.

Run: python make.py TOY_TOKENIZER [OUT]   (needs transformers; TOY_TOKENIZER: ../tokenizer-toy)
"""
import json, os, shutil, sys
from transformers import CLIPTokenizer

toy = sys.argv[1]
out = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))
texts = ["a photo of a cat", "A Photo of a DOG, 1990s", "a <cat-toy> in the snow", "a<CAT-toy>b", "<sks-toy><sks-toy>", "<|endoftext|> a", "<Ärger> 猫 cat",
         "cat\u0c5ddog \u0cdd1", "\ua7c0\ua7c1 \U00010570\U00010597 \U0001e4f0\U0001e4f1 \U00010d50a", "\u1c89\u2c2f\U00016ac0"]


def save(name, tokens, then=lambda folder: None):
    folder = os.path.join(out, name)
    tokenizer = CLIPTokenizer.from_pretrained(toy)
    tokenizer.add_tokens(tokens)
    tokenizer.save_pretrained(folder)
    then(folder)
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    cases = [{"text": t, "ids": tokenizer(t, padding="max_length", max_length=77, truncation=True).input_ids} for t in texts]
    json.dump({"size": len(tokenizer), "cases": cases}, open(os.path.join(folder, "cases.json"), "w"))


def older(decoder):
    def change(folder):
        """What transformers 4 saved."""
        tokenizer = json.load(open(os.path.join(folder, "tokenizer.json")))
        os.remove(os.path.join(folder, "tokenizer.json"))
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(os.path.join(toy, name), folder)
        added = {t["content"]: t["id"] for t in tokenizer["added_tokens"] if t["id"] > 875}
        json.dump(added, open(os.path.join(folder, "added_tokens.json"), "w"))
        path = os.path.join(folder, "tokenizer_config.json")
        config = json.load(open(path))
        config.pop("added_tokens_decoder", None)
        config.pop("backend", None)
        if decoder:
            config["added_tokens_decoder"] = {str(t.pop("id")): t for t in tokenizer["added_tokens"]}
        json.dump(config, open(path, "w"))
    return change


learned = ["<cat-toy>", "<sks-toy>", "<Ärger>"]
save("whole", [])
save("whole-added", learned)
save("added-tokens", learned, older(False))
save("added-decoder", learned, older(True))
