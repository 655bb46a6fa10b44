/* The account's menu under the conversation. */

import { byId, element } from "./wire.js";

function close() {
  byId("submenu").hidden = true;
}

function button(className, entry, tapped) {
  const made = element("button", className, entry.name);
  made.type = "button";
  made.addEventListener("click", tapped);
  return made;
}

function unfold(entry, act) {
  const sheet = byId("submenu");
  if (!sheet.hidden && sheet.dataset.of === entry.name) {
    close();
    return;
  }
  const tap = (below) => () => {
    close();
    act(below);
  };
  sheet.dataset.of = entry.name;
  sheet.replaceChildren(
    ...entry.sub_button.map((below) => button("submenu-button", below, tap(below))),
  );
  sheet.hidden = false;
}

/** Show a menu; `act(button)` is called for the button that does something. */
export function draw(buttons, act) {
  close();
  byId("menu").hidden = !buttons.length;
  byId("menu").replaceChildren(
    ...buttons.map((entry) =>
      button(entry.sub_button?.length ? "menu-button unfolds" : "menu-button", entry, () =>
        entry.sub_button?.length ? unfold(entry, act) : act(entry),
      ),
    ),
  );
}
