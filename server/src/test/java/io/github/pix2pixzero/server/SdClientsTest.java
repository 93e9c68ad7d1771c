package io.github.pix2pixzero.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of clients of AUTOMATIC1111's interface, with all that they send along. */
class SdClientsTest {
  /** What SillyTavern sends for a new picture, with its defaults. */
  private static final String SILLY_TAVERN =
      """
      {"url": "http://127.0.0.1:7860", "auth": "", "prompt": "a photo of a cat", "negative_prompt": "",
       "sampler_name": "DDIM", "scheduler": "automatic", "steps": 2, "cfg_scale": 7, "width": 64, "height": 64,
       "restore_faces": false, "enable_hr": false, "hr_upscaler": "Latent", "hr_scale": 2,
       "hr_additional_modules": [], "denoising_strength": 0.7, "hr_second_pass_steps": 0, "seed": 11,
       "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic"},
       "override_settings_restore_afterwards": true, "clip_skip": 1, "save_images": true, "send_images": true,
       "do_not_save_grid": false, "do_not_save_samples": false}
      """;

  private static final String OPEN_WEB_UI =
      """
      {"prompt": "a photo of a cat", "batch_size": 2, "width": 64, "height": 64, "steps": 2,
       "negative_prompt": "a dog"}
      """;

  private static final String EDIT =
      """
      {"init_images": ["%s"], "prompt": "turn the cat into a dog", "steps": 2, "denoising_strength": 0.75,
       "resize_mode": 0, "width": 64, "height": 64, "mask_blur": 4, "inpainting_fill": 1, "sampler_name": "DDIM",
       "inpaint_full_res": false, "seed": 3 %s}
      """;

  private static EditServer server;
  private static Calls calls;

  @BeforeAll
  static void start() throws IOException {
    server = TestServers.start(ServerOptions.builder().captioner((picture, word) -> "a gray cat"));
    calls = new Calls(server);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {SILLY_TAVERN, OPEN_WEB_UI})
  void picturesAreGenerated(String body) throws Exception {
    HttpResponse<byte[]> answer = calls.post("/sdapi/v1/txt2img", body);
    assertThat(answer.statusCode())
        .as("%s", new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    JsonNode json = Calls.json(answer);
    byte[] png = Base64.getDecoder().decode(json.at("/images/0").asText());
    assertThat(PictureFiles.read(png).getWidth()).isEqualTo(64);
    JsonNode info = Calls.JSON.readTree(json.get("info").textValue());
    assertThat(info.get("all_seeds")).hasSize(json.get("images").size());
    assertThat(info.at("/infotexts/0").asText()).contains("Steps: 2");
  }

  @Test
  void picturesAreEdited() throws Exception {
    String cat = Base64.getEncoder().encodeToString(Calls.cat());
    JsonNode json = calls.postJson("/sdapi/v1/img2img", EDIT.formatted(cat, ""));
    assertThat(json.get("images")).as("%s", json).hasSize(1);
    JsonNode info = Calls.JSON.readTree(json.get("info").textValue());
    assertThat(info.get("prompt").asText()).isEqualTo("a gray dog");
    assertThat(info.get("seed").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "width, 512",
    "sampler_name, \"Euler a\"",
    "script_name, \"SD upscale\"",
    "restore_faces, true",
    "inpainting_mask_invert, 1",
    "n_iter, 9",
    "nonsense, 1"
  })
  void whatCannotBeHonouredIsNamed(String name, String value) throws Exception {
    String cat = Base64.getEncoder().encodeToString(Calls.cat());
    String body = EDIT.formatted(cat, "").replaceAll("\"" + name + "\": [^,}]*,?", "");
    body = body.replaceFirst("\\{", "{\"" + name + "\": " + value + ", ");
    HttpResponse<byte[]> answer = calls.post("/sdapi/v1/img2img", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Calls.json(answer).at("/error/param").asText()).isEqualTo(name);
    assertThat(Calls.json(answer).get("detail").asText()).startsWith(name);
  }

  @Test
  void picturesAreDescribed() throws Exception {
    String body = "{\"image\": \"%s\", \"model\": \"clip\"}".formatted(Calls.dataUrl(Calls.cat()));
    assertThat(calls.postJson("/sdapi/v1/interrogate", body).get("caption").asText())
        .isEqualTo("a gray cat");
  }

  @Test
  void whatClientsAskForFirstIsThere() throws Exception {
    assertThat(calls.getJson("/sdapi/v1/options").get("sd_model_checkpoint").asText())
        .isEqualTo("toy-world");
    JsonNode model = calls.getJson("/sdapi/v1/sd-models").get(0);
    assertThat(model.get("title").asText()).isEqualTo("toy-world");
    assertThat(model.get("filename").asText()).doesNotContain("/");
    assertThat(calls.getJson("/sdapi/v1/samplers").at("/0/name").asText()).isEqualTo("DDIM");
    for (String list : new String[] {"schedulers", "upscalers", "latent-upscale-modes", "sd-vae"}) {
      assertThat(calls.getJson("/sdapi/v1/" + list).isArray()).isTrue();
    }
    assertThat(
            calls
                .post("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"toy-world\"}")
                .statusCode())
        .isEqualTo(200);
    JsonNode other = calls.postJson("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"/etc\"}");
    assertThat(other.at("/error/param").asText()).isEqualTo("sd_model_checkpoint");
  }

  @Test
  void workIsSeenAndInterrupted() throws Exception {
    String picture = calls.sendCat();
    String edit =
        "{\"picture\": \"%s\", \"caption\": \"a cat\", \"target\": \"a dog\", \"steps\": 200}"
            .formatted(picture);
    String job = calls.postJson("/api/v1/edits", edit).get("id").asText();
    double seen = 0;
    for (int i = 0; seen == 0 && i < 1200; i++) {
      seen = calls.getJson("/sdapi/v1/progress").get("progress").asDouble();
      Thread.sleep(25);
    }
    assertThat(seen).isPositive().isLessThan(1);
    assertThat(calls.post("/sdapi/v1/interrupt", "").statusCode()).isEqualTo(200);
    assertThat(calls.await(job).get("state").asText()).isEqualTo("cancelled");
    assertThat(calls.getJson("/sdapi/v1/progress").get("progress").asDouble()).isZero();
  }
}
