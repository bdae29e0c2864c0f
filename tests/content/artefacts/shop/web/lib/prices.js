"use strict";

/** What things cost, in the library that is packed. */
exports.PRICES = { apple: 2, pear: 3 };
