"""Names and shapes of the published Stable Diffusion 1.5 and 2.1 in the layout of CompVis.

Built from diffusers' and transformers' models with the published configs, renamed by diffusers' own
scripts/convert_diffusers_to_original_stable_diffusion.py. Run: python compvis-names.py DIFFUSERS_SOURCE OUT_DIR
"""
import importlib.util, os, sys, torch
sys.path.insert(0, sys.argv[1] + "/src")
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

spec = importlib.util.spec_from_file_location("c", sys.argv[1] + "/scripts/convert_diffusers_to_original_stable_diffusion.py")
convert = importlib.util.module_from_spec(spec); spec.loader.exec_module(convert)
UNET = dict(sample_size=64, cross_attention_dim=768)
UNET2 = dict(sample_size=96, cross_attention_dim=1024, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True)
TEXT = dict(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
TEXT2 = dict(vocab_size=49408, hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16)

def vae():
    return AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, norm_num_groups=32,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)

for name, unet, text in (("sd15", UNET, TEXT), ("sd21", UNET2, TEXT2)):
    with torch.device("meta"):
        parts = [UNet2DConditionModel(**unet), vae(), CLIPTextModel(CLIPTextConfig(**text))]
    u, v, t = [{k: w for k, w in p.state_dict().items()} for p in parts]
    out = {"model.diffusion_model." + k: w for k, w in convert.convert_unet_state_dict(u).items()}
    out.update({"first_stage_model." + k: w for k, w in convert.convert_vae_state_dict(v).items()})
    t = {("" if k.startswith("text_model.") else "text_model.") + k: w for k, w in t.items() if "position_ids" not in k}
    if name == "sd15":
        out.update({"cond_stage_model.transformer." + k: w for k, w in convert.convert_text_enc_state_dict(t).items()})
    else:
        # The script leaves out that OpenCLIP keeps its embeddings outside of its transformer.
        around = {"text_model.embeddings.token_embedding.weight": "token_embedding.weight",
                  "text_model.embeddings.position_embedding.weight": "positional_embedding",
                  "text_model.final_layer_norm.weight": "ln_final.weight", "text_model.final_layer_norm.bias": "ln_final.bias"}
        t = {around.get(k, "transformer." + k): w for k, w in convert.convert_text_enc_state_dict_v20(t).items()}
        out.update({"cond_stage_model.model." + k: w for k, w in t.items()})
        # OpenCLIP's head, which Stable Diffusion does not use.
        out["cond_stage_model.model.text_projection"] = torch.empty(1024, 1024, device="meta")
        out["cond_stage_model.model.logit_scale"] = torch.empty((), device="meta")
    with open(os.path.join(sys.argv[2], name + "-compvis.txt"), "w") as f:
        for k in sorted(out):
            f.write(k + " " + "x".join(str(d) for d in out[k].shape) + "\n")
