"use strict";

require("node:assert").equal(require("../lib/index.js").price("pear", 2), 6);
