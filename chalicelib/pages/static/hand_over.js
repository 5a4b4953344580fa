// Who comes from the marketplace's own site, or is signed in already, need not press.
"use strict";

document.querySelector("form[data-hand-over]")?.requestSubmit();
