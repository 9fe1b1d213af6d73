// Stands in for an audience-measurement tag. It asks no other host for anything; it only shows that it ran.
(function () {
  var slot = document.querySelector('[data-slot="measurement"]');
  slot.classList.add("live");
  slot.querySelector("[data-live]").textContent = "Its script runs: this view was counted.";
})();
