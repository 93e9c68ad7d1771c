"""An LCM-LoRA of a tiny UNet as latent-consistency/lcm-lora-sdv1-5 is laid out, and what peft gives with it.

Run: python make_lcm.py UNET TRAIN [OUT]   (needs torch, diffusers, peft, safetensors; UNET: this project's golden
unet-sd1; TRAIN: diffusers' examples/consistency_distillation/train_lcm_distill_lora_sd_wds.py, whose layers and names
these are). Factors are float16, as published; the alpha is the default of peft then, 8.
"""
import ast, os, sys, torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

torch.set_num_threads(1)
torch.manual_seed(7)
unet_folder, train = sys.argv[1:3]
out = sys.argv[3] if len(sys.argv) > 3 else os.path.dirname(os.path.abspath(__file__))
tree = ast.parse(open(train).read())
names = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "get_module_kohya_state_dict")
exec(compile(ast.Module([names], []), train, "exec"))
lists = [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "lora_target_modules"]
layers = next(ast.literal_eval(n) for n in lists if isinstance(n, ast.List))

unet = UNet2DConditionModel.from_pretrained(unet_folder).eval()
unet = get_peft_model(unet, LoraConfig(r=2, target_modules=layers, lora_alpha=8, lora_dropout=0.0))
for name, parameter in unet.named_parameters():
    if "lora_" in name:
        parameter.data = (torch.randn(parameter.shape) * 0.05).half().float()
lora = get_module_kohya_state_dict(unet, "lora_unet", torch.float16)
save_file({k: v.contiguous() for k, v in lora.items()}, os.path.join(out, "lcm.safetensors"))
io = load_file(os.path.join(unet_folder, "io.safetensors"))
with torch.no_grad():
    noise = unet(io["1.latent"], io["1.timestep"], io["1.context"]).sample
save_file({"noise": noise.contiguous()}, os.path.join(out, "lcm-expected.safetensors"))
