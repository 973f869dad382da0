// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for MathJax's class Attributes (attributes of one MathML node) with the same interface and
// the same answers. The original chains four objects by Object.create for every node; in Qt's engine
// each such object becomes a new hidden class, which makes a formula about 15 times slower. Here a node
// owns two plain objects, and the chain "defaults of the node's kind, then global ones" is made once
// per kind. The renderer's tests compare both bundles' output on a set of formulas.
'use strict';
Object.defineProperty(exports, '__esModule', {value: true});
exports.INHERIT = '_inherit_';

var hasOwn = Object.prototype.hasOwnProperty;
var chains = new Map(); // defaults of a node class → Map of global → chain

function chainOf(defaults, global) {
  var byGlobal = chains.get(defaults);
  if (!byGlobal) {
    byGlobal = new Map();
    chains.set(defaults, byGlobal);
  }
  var chain = byGlobal.get(global);
  if (!chain) {
    chain = Object.assign(Object.create(global), defaults);
    byGlobal.set(global, chain);
  }
  return chain;
}

function Attributes(defaults, global) {
  this.global = global;
  this.defaults = chainOf(defaults, global);
  this.inherited = {};
  this.attributes = {};
}

Attributes.prototype.set = function (name, value) { this.attributes[name] = value; };
Attributes.prototype.setList = function (list) { Object.assign(this.attributes, list); };
Attributes.prototype.get = function (name) {
  var value;
  if (hasOwn.call(this.attributes, name)) {
    value = this.attributes[name];
  } else if (hasOwn.call(this.inherited, name)) {
    value = this.inherited[name];
  } else {
    value = this.defaults[name];
  }
  return value === exports.INHERIT ? this.global[name] : value;
};
Attributes.prototype.getExplicit = function (name) {
  return hasOwn.call(this.attributes, name) ? this.attributes[name] : undefined;
};
Attributes.prototype.getList = function () {
  var values = {};
  for (var i = 0; i < arguments.length; i++) {
    values[arguments[i]] = this.get(arguments[i]);
  }
  return values;
};
Attributes.prototype.setInherited = function (name, value) { this.inherited[name] = value; };
Attributes.prototype.getInherited = function (name) {
  return hasOwn.call(this.inherited, name) ? this.inherited[name] : this.defaults[name];
};
Attributes.prototype.getDefault = function (name) { return this.defaults[name]; };
Attributes.prototype.isSet = function (name) {
  return hasOwn.call(this.attributes, name) || hasOwn.call(this.inherited, name);
};
Attributes.prototype.hasDefault = function (name) { return name in this.defaults; };
Attributes.prototype.getExplicitNames = function () { return Object.keys(this.attributes); };
Attributes.prototype.getInheritedNames = function () { return Object.keys(this.inherited); };
Attributes.prototype.getDefaultNames = function () { return Object.keys(this.defaults); };
Attributes.prototype.getGlobalNames = function () { return Object.keys(this.global); };
Attributes.prototype.getAllAttributes = function () { return this.attributes; };
Attributes.prototype.getAllInherited = function () { return this.inherited; };
Attributes.prototype.getAllDefaults = function () { return this.defaults; };
Attributes.prototype.getAllGlobals = function () { return this.global; };

exports.Attributes = Attributes;
