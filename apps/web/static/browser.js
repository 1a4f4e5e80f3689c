// Runs before the site and in any browser: one that is too old for the site says so, in place of a page that stays empty.
(function () {
  var isNew =
    "noModule" in document.createElement("script") &&
    typeof Array.prototype.toSorted === "function" &&
    typeof window.HTMLDialogElement === "function" &&
    typeof AbortSignal === "function" &&
    typeof AbortSignal.timeout === "function" &&
    typeof CSS !== "undefined" &&
    CSS.supports("selector(:has(a))");
  if (isNew) return;
  var isChinese = document.documentElement.lang.startsWith("zh");
  var note = document.createElement("p");
  note.className = "noscript";
  note.setAttribute("role", "alert");
  note.appendChild(
    document.createTextNode(
      isChinese
        ? "当前浏览器版本过低，无法购票。请升级，或使用 Safari 16、Chrome 110、Edge 110、Firefox 121 及以上版本。"
        : "This browser is too old for this site. Please update it, or use Safari 16, Chrome 110, Edge 110, Firefox 121 or newer.",
    ),
  );
  document.body.insertBefore(note, document.body.firstChild);
})();
