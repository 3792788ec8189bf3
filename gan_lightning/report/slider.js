"use strict";
// One slider for the pictures of a kind, of all runs at once: the latest picture of each at an iteration.
document.querySelectorAll(".reel").forEach((reel) => {
  const kind = reel.dataset.kind;
  const pictures = [...reel.querySelectorAll("img")].map((image) => ({ image, frames: report.reels[image.dataset.run][kind] }));
  const stops = [...new Set(pictures.flatMap(({ frames }) => frames.map((frame) => frame.at)))].sort((a, b) => a - b);
  const [control, slider, play] = [".control", "input", ".play"].map((each) => reel.querySelector(each));
  const output = reel.querySelector("output");
  if (stops.length < 2) return;
  let clock = null;

  function show(place) {
    const at = stops[place];
    slider.value = place;
    output.textContent = at.toLocaleString("en");
    slider.setAttribute("aria-valuetext", "iteration " + at.toLocaleString("en"));
    for (const { image, frames } of pictures) {
      const frame = frames.filter((each) => each.at <= at).pop() || frames[0];
      if (image.dataset.at === String(frame.at)) continue;
      image.dataset.at = frame.at;
      image.src = frame.uri;
      const when = "iteration " + frame.at.toLocaleString("en");
      image.alt = image.dataset.alt + " at " + when;
      image.closest("figure").querySelector(".at").textContent = when;
    }
  }

  function stop() {
    clearInterval(clock);
    clock = null;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  }

  play.addEventListener("click", () => {
    if (clock !== null) return stop();
    if (Number(slider.value) === stops.length - 1) show(0);
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    clock = setInterval(() => {
      show(Number(slider.value) + 1);
      if (Number(slider.value) === stops.length - 1) stop();
    }, 450);
  });
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  slider.max = stops.length - 1;
  control.hidden = false;
  if (pictures.length === 1) reel.querySelector("figcaption").hidden = true;
  show(stops.length - 1);
});
