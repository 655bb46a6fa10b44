/* Nothing depends on this: it makes the ballot's chance in the voter's own browser, hides questions
   that are not asked, and shows a long ballot one question at a time. Written for old browsers. */
(function () {
  "use strict";
  var MANY = 4;
  var form = document.querySelector("form.ballot");
  if (!form) { return; }

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || form).querySelectorAll(selector));
  }

  function make_nonce() {
    var nonce = form.querySelector("[data-nonce]"), bytes = new Uint8Array(16), hex = "", i;
    if (!nonce || nonce.value || !window.crypto || !window.crypto.getRandomValues) { return; }
    window.crypto.getRandomValues(bytes);
    for (i = 0; i < bytes.length; i += 1) { hex += ("0" + bytes[i].toString(16)).slice(-2); }
    nonce.value = hex;
  }

  function is_chosen(key, options) {
    return all("input[name='" + key + "']:checked").some(function (input) {
      return options.indexOf(input.value) >= 0;
    });
  }

  /* A fieldset that is disabled sends nothing. They stand in the order of the questions, so that
     one which falls away takes with it those that hang on it. */
  function branch() {
    all("[data-only-if]").forEach(function (question) {
      var earlier = document.getElementById(question.getAttribute("data-only-if")), asked;
      if (!earlier || !form.contains(earlier)) { return; }
      asked = !earlier.disabled &&
        is_chosen(earlier.id, question.getAttribute("data-any-of").split(" "));
      question.disabled = !asked;
      question.parentNode.hidden = !asked;
    });
  }

  function button(text, look, does) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = look;
    made.textContent = text;
    made.addEventListener("click", does);
    return made;
  }

  function page() {
    var at = 0, pager = document.createElement("div"), place = document.createElement("p");
    var steps = form.querySelector(".steps"), preamble = document.querySelector(".preamble");
    var back, next, whole;

    function asked() {
      return all(".asked").filter(function (each) { return !each.hidden; });
    }

    function show() {
      var questions = asked(), last = questions.length - 1;
      at = Math.max(0, Math.min(at, last));
      all(".asked").forEach(function (each) {
        each.classList.toggle("away", each !== questions[at]);
      });
      preamble.classList.toggle("away", at > 0);
      all(".closing").forEach(function (each) { each.classList.toggle("away", at < last); });
      all("button", steps).forEach(function (each) {
        each.classList.toggle("away", at < last && each.value !== "save");
      });
      back.classList.toggle("away", at === 0);
      next.classList.toggle("away", at === last);
      place.textContent = form.getAttribute("data-place")
        .replace("{number}", String(at + 1)).replace("{of}", String(questions.length));
    }

    function turn(by) {
      var legend;
      at += by;
      show();
      legend = asked()[at].querySelector("legend");
      legend.tabIndex = -1;
      legend.focus();
      (at > 0 ? form : document.body).scrollIntoView();
    }

    function show_all() {
      all(".away", document).forEach(function (each) { each.classList.remove("away"); });
      form.removeEventListener("change", show);
      pager.parentNode.removeChild(pager);
    }

    back = button(form.getAttribute("data-back"), "quiet", function () { turn(-1); });
    next = button(form.getAttribute("data-next"), "first", function () { turn(1); });
    whole = button(form.getAttribute("data-all"), "all", show_all);
    pager.className = "pager";
    [place, next, back, whole].forEach(function (each) { pager.appendChild(each); });
    form.insertBefore(pager, steps);
    form.addEventListener("change", show);
    show();
  }

  make_nonce();
  form.addEventListener("change", branch);
  branch();
  if (all(".asked").length >= MANY && !document.querySelector(".errors")) { page(); }
}());
