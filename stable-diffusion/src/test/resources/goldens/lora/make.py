"""LoRAs of a tiny UNet and text encoder as several programs write them, and what the merged models give.

Run: python make.py UNET TEXT [OUT]   (needs torch, diffusers, transformers, safetensors; UNET, TEXT: this project's
goldens unet-sd1 and clip-text-sd1). W + 0.8 * alpha / rank * up @ down, in float32.
"""
import os, sys, torch
from safetensors.torch import load_file, save_file
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel

torch.set_num_threads(1)
torch.manual_seed(3)
WEIGHT = 0.8
unet_folder, text_folder = sys.argv[1:3]
out = sys.argv[3] if len(sys.argv) > 3 else os.path.dirname(os.path.abspath(__file__))
unet = UNet2DConditionModel.from_pretrained(unet_folder).eval()
text = CLIPTextModel.from_pretrained(text_folder).eval()
linear = ["down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", "up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0",
          "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj", "down_blocks.1.attentions.0.proj_in"]
conv = ["down_blocks.0.resnets.0.conv1", "down_blocks.0.downsamplers.0.conv"]
encoder = ["text_model.encoder.layers.0.self_attn.q_proj", "text_model.encoder.layers.1.mlp.fc1"]
kohya, peft, older = {}, {}, {}


def weights(model, name):
    return dict(model.named_modules())[name.replace("text_model.", "") if not hasattr(model, "text_model") and model is text else name].weight


def add(model, name, prefix, dotted, up, down, alpha, mid=None):
    rank = down.shape[0]
    w = weights(model, name)
    if mid is not None:
        delta = torch.einsum("op,pqkl,qi->oikl", up.flatten(1), mid, down.flatten(1))
    else:
        delta = (up.flatten(1) @ down.flatten(1)).reshape(w.shape)
    with torch.no_grad():
        w += WEIGHT * alpha / rank * delta
    flat = prefix + name.replace(".", "_")
    kohya[flat + ".lora_up.weight"], kohya[flat + ".lora_down.weight"] = up, down
    kohya[flat + ".alpha"] = torch.tensor(float(alpha))
    if mid is not None:
        kohya[flat + ".lora_mid.weight"] = mid
        return
    scale = alpha / rank
    peft[f"{dotted}{name}.lora_B.weight"], peft[f"{dotted}{name}.lora_A.weight"] = up * scale, down
    older[f"{dotted}{name}.lora.up.weight"], older[f"{dotted}{name}.lora.down.weight"] = up * scale, down


def normal(*shape):
    return torch.randn(*shape) * 0.2


for model, names, prefix, dotted in ((unet, linear, "lora_unet_", "unet."), (text, encoder, "lora_te_", "text_encoder.")):
    for name in names:
        w = weights(model, name)
        extra = (1, 1) if w.dim() == 4 else ()
        add(model, name, prefix, dotted, normal(w.shape[0], 4, *extra), normal(4, w.shape[1], *extra), 2)
w = weights(unet, conv[0])
add(unet, conv[0], "lora_unet_", "unet.", normal(w.shape[0], 3, 1, 1), normal(3, w.shape[1], 3, 3), 3)


def results(name):
    io = load_file(os.path.join(unet_folder, "io.safetensors"))
    ids = load_file(os.path.join(text_folder, "io.safetensors"))["ids"]
    with torch.no_grad():
        expected[name + ".noise"] = unet(io["1.latent"], io["1.timestep"], io["1.context"]).sample.contiguous()
        expected[name + ".states"] = text(ids.reshape(-1, ids.shape[-1])).last_hidden_state.contiguous()


expected = {}
results("all")
for name, tensors in (("peft", peft), ("older", older)):
    save_file({k: v.contiguous() for k, v in tensors.items()}, os.path.join(out, name + ".safetensors"))
w = weights(unet, conv[1])
add(unet, conv[1], "lora_unet_", "unet.", normal(w.shape[0], 3, 1, 1), normal(2, w.shape[1], 1, 1), 1, normal(3, 2, 3, 3))
results("kohya")
save_file({k: v.contiguous() for k, v in kohya.items()}, os.path.join(out, "kohya.safetensors"))
save_file(expected, os.path.join(out, "expected.safetensors"))
