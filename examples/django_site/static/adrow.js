// Stands in for an advertising tag. It asks no other host for anything; it only shows that it ran.
(function () {
  var slot = document.querySelector('[data-slot="advertising"]');
  slot.classList.add("live");
  slot.querySelector("[data-live]").textContent = "Its script runs: buy more pencils!";
})();
