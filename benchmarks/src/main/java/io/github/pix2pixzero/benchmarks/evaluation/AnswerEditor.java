package io.github.pix2pixzero.benchmarks.evaluation;

import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.evaluation.Editor;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;

/**
 * What no edit can surpass that starts from an inversion: the right answer, inverted with its
 * caption and reconstructed.
 */
final class AnswerEditor implements Editor {
  private final String settings;
  private final Pix2PixZero model;
  private final EvaluationOptions options;

  AnswerEditor(String settings, Pix2PixZero model, EvaluationOptions options) {
    this.settings = settings;
    this.model = model;
    this.options = options;
  }

  @Override
  public String name() {
    return "edit";
  }

  @Override
  public String settings() {
    return "the answer itself, " + settings;
  }

  @Override
  public Edited edit(Sample sample, BufferedImage source) throws IOException {
    String caption = sample.texts().map(Texts::target).orElseThrow();
    EditOptions plain =
        options
            .of(sample)
            .caption(caption)
            .targetCaption(caption)
            .method(
                PromptToPrompt.DEFAULTS
                    .withGuidanceScale(1)
                    .withReference(PromptToPrompt.Reference.RECONSTRUCTION))
            .build();
    BufferedImage answer = PictureFiles.read(sample.answerFile().orElseThrow());
    Inversion inversion = model.invert(answer, plain, ProgressListener.NONE);
    return new Edited(
        model.edit(inversion, plain, ProgressListener.NONE).image(), inversion.time());
  }
}
