"use strict";

/** The library that is packed: the price of so many things. */
exports.price = function price(name, count) {
  return require("./prices").PRICES[name] * count;
};
