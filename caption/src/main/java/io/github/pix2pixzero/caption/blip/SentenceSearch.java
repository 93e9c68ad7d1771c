package io.github.pix2pixzero.caption.blip;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Looks for a likely sentence as transformers 5.17's {@code generate} does: the likeliest token at
 * each step, or beam search with twice as many candidates as beams, of which only those among the
 * first half can end.
 */
final class SentenceSearch {
  private final Continuations continuations;
  private final SearchOptions options;
  private final int endId;
  private final int promptLength;
  private final int maxLength;

  private SentenceSearch(
      Continuations continuations,
      SearchOptions options,
      int endId,
      int promptLength,
      int maxLength) {
    this.continuations = continuations;
    this.options = options;
    this.endId = endId;
    this.promptLength = promptLength;
    this.maxLength = maxLength;
  }

  /**
   * A sentence and how likely it is.
   *
   * @param ids with the prompt, and the end where it was reached
   * @param score as {@link SearchOptions#lengthPenalty} says; Σ log p of one that is not finished;
   *     0 of the likeliest tokens, where nothing is compared
   */
  record Sentence(int[] ids, float score) {
    Sentence with(int token, float newScore) {
      return new Sentence(Ints.concat(ids, new int[] {token}), newScore);
    }
  }

  /** A token that may follow one of the sentences, and Σ log p of what it would make. */
  private record Candidate(int parent, int token, float score) {}

  /**
   * Looks for the best continuation of a prompt.
   *
   * @throws IllegalArgumentException if the prompt leaves no room for a token more
   */
  static Sentence best(
      Continuations continuations, BlipTextConfig config, int[] prompt, SearchOptions options) {
    int maxLength = options.maxLength(prompt.length, config.maxPositionEmbeddings());
    SentenceSearch search =
        new SentenceSearch(continuations, options, config.endId(), prompt.length, maxLength);
    Sentence start = new Sentence(prompt, 0);
    return options.beams() == 1 ? search.greedy(start) : search.beams(start);
  }

  private Sentence greedy(Sentence start) {
    Sentence sentence = start;
    float[] logits = continuations.begin(start.ids());
    while (true) {
      Candidate likeliest = candidates(List.of(sentence), new float[][] {logits}, 1).get(0);
      sentence = sentence.with(likeliest.token(), 0);
      if (isEnd(likeliest.token(), sentence.ids().length)) {
        return sentence;
      }
      logits = continuations.next(new int[] {0}, new int[] {likeliest.token()})[0];
    }
  }

  private Sentence beams(Sentence start) {
    int beams = options.beams();
    List<Sentence> running = List.of(start);
    List<Sentence> finished = List.of();
    float[][] logits = {continuations.begin(start.ids())};
    for (int length = promptLength + 1; ; length++) {
      List<Candidate> candidates = candidates(running, logits, 2 * beams);
      finished = finished(finished, running, candidates, length);
      int now = length;
      List<Candidate> going =
          candidates.stream().filter(c -> !isEnd(c.token(), now)).limit(beams).toList();
      if (going.isEmpty() || !canImprove(finished, going.get(0).score(), length)) {
        return finished.get(0);
      }
      List<Sentence> before = running;
      running = going.stream().map(c -> extended(before, c)).toList();
      logits =
          continuations.next(
              going.stream().mapToInt(Candidate::parent).toArray(),
              going.stream().mapToInt(Candidate::token).toArray());
    }
  }

  /** The best sentences that have ended, no more than there are beams, best first. */
  private List<Sentence> finished(
      List<Sentence> before, List<Sentence> running, List<Candidate> candidates, int length) {
    List<Sentence> finished = new ArrayList<>(before);
    candidates.stream()
        .limit(options.beams())
        .filter(candidate -> isEnd(candidate.token(), length))
        .map(candidate -> extended(running, candidate))
        .map(sentence -> new Sentence(sentence.ids(), penalized(sentence.score(), length)))
        .forEach(finished::add);
    finished.sort(Comparator.comparing(Sentence::score).reversed());
    return finished.subList(0, Math.min(options.beams(), finished.size()));
  }

  /** Whether the best of the others may still get better than the worst that has ended. */
  private boolean canImprove(List<Sentence> finished, float best, int length) {
    if (finished.size() < options.beams()) {
      return true;
    }
    return !options.earlyStopping()
        && penalized(best, length) > finished.get(finished.size() - 1).score();
  }

  private float penalized(float score, int length) {
    return score / (float) Math.pow(length - promptLength, options.lengthPenalty());
  }

  private boolean isEnd(int token, int length) {
    return token == endId || length >= maxLength;
  }

  private static Sentence extended(List<Sentence> sentences, Candidate candidate) {
    return sentences.get(candidate.parent()).with(candidate.token(), candidate.score());
  }

  /** The likeliest continuations, best first. */
  private List<Candidate> candidates(List<Sentence> sentences, float[][] logits, int count) {
    boolean mayEnd = sentences.get(0).ids().length >= options.minLength();
    List<Candidate> best = new ArrayList<>();
    for (int row = 0; row < logits.length; row++) {
      float before = sentences.get(row).score();
      double norm = logSumExp(logits[row]);
      for (int token = 0; token < logits[row].length; token++) {
        float score = before + (float) (logits[row][token] - norm);
        if ((token != endId || mayEnd)
            && (best.size() < count || score > best.get(count - 1).score())) {
          insert(best, new Candidate(row, token, score));
          if (best.size() > count) {
            best.remove(count);
          }
        }
      }
    }
    return best;
  }

  private static void insert(List<Candidate> best, Candidate candidate) {
    int at = best.size();
    while (at > 0 && candidate.score() > best.get(at - 1).score()) {
      at--;
    }
    best.add(at, candidate);
  }

  private static double logSumExp(float[] logits) {
    double max = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return max + Math.log(sum);
  }
}
