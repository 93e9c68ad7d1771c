package io.github.pix2pixzero.server.internal.edits;

import io.github.pix2pixzero.AttentionMaps;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.server.internal.jobs.Output;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/** An inversion from which more edits may start, and where its words look once that is known. */
public final class KeptInversion {
  private final String id = UUID.randomUUID().toString();
  private final KeptPicture picture;
  private final Inversion inversion;
  private final AtomicReference<AttentionMaps> attention = new AtomicReference<>();

  /** What makes an inversion the same as another. */
  record Key(String content, String caption, int steps, long seed, PictureFit.Policy fit) {}

  KeptInversion(KeptPicture picture, Inversion inversion) {
    this.picture = picture;
    this.inversion = inversion;
  }

  public String id() {
    return id;
  }

  public KeptPicture picture() {
    return picture;
  }

  public Inversion inversion() {
    return inversion;
  }

  public Optional<AttentionMaps> attention() {
    return Optional.ofNullable(attention.get());
  }

  void setAttention(AttentionMaps maps) {
    attention.set(maps);
  }

  long bytes() {
    long latent = (long) Float.BYTES * inversion.inverted().size();
    return (inversion.steps() + 1) * latent + 2 * Output.size(picture.image());
  }
}
