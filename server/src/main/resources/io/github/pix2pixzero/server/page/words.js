/** Which words of a text are not in another: along their longest common subsequence. */
export function changed(before, after) {
  const old = before.trim().toLowerCase().split(/\s+/);
  const words = after.trim().split(/\s+/).filter(Boolean);
  const lower = words.map((word) => word.toLowerCase());
  const length = Array.from({ length: old.length + 1 }, () => new Array(words.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = words.length - 1; j >= 0; j--) {
      length[i][j] =
        old[i] === lower[j]
          ? length[i + 1][j + 1] + 1
          : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const result = words.map((word) => ({ word, isNew: true }));
  for (let i = 0, j = 0; i < old.length && j < words.length; ) {
    if (old[i] === lower[j]) {
      result[j].isNew = false;
      i++;
      j++;
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      i++;
    } else {
      j++;
    }
  }
  return result;
}

/** Shows a text with its new words marked. */
export function showChanges(element, before, after) {
  element.replaceChildren();
  if (!after.trim()) {
    return;
  }
  const words = changed(before, after);
  if (!words.some((word) => word.isNew)) {
    element.textContent = before.trim() === after.trim() ? "Nothing changes yet." : "Words go, none come.";
    return;
  }
  for (const { word, isNew } of words) {
    if (isNew) {
      const mark = document.createElement("mark");
      mark.textContent = word;
      element.append(mark, " ");
    } else {
      element.append(word + " ");
    }
  }
}
