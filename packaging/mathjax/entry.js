// SPDX-License-Identifier: GPL-3.0-or-later
// What Studio uses of MathJax: typeset(tex, display) → SVG text, or an exception whose message says why
// not. A formula's result depends on the formula alone: whatever it defines is forgotten after it.
'use strict';

var mathjax = require('mathjax-full/js/mathjax.js').mathjax;
var TeX = require('mathjax-full/js/input/tex.js').TeX;
var SVG = require('mathjax-full/js/output/svg.js').SVG;
var liteAdaptor = require('mathjax-full/js/adaptors/liteAdaptor.js').liteAdaptor;
var RegisterHTMLHandler = require('mathjax-full/js/handlers/html.js').RegisterHTMLHandler;
var MapHandler = require('mathjax-full/js/input/tex/MapHandler.js').MapHandler;
require('mathjax-full/js/input/tex/base/BaseConfiguration.js');
require('mathjax-full/js/input/tex/ams/AmsConfiguration.js');
require('mathjax-full/js/input/tex/amscd/AmsCdConfiguration.js');
require('mathjax-full/js/input/tex/bbox/BboxConfiguration.js');
require('mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js');
require('mathjax-full/js/input/tex/braket/BraketConfiguration.js');
require('mathjax-full/js/input/tex/cancel/CancelConfiguration.js');
require('mathjax-full/js/input/tex/centernot/CenternotConfiguration.js');
require('mathjax-full/js/input/tex/color/ColorConfiguration.js');
require('mathjax-full/js/input/tex/enclose/EncloseConfiguration.js');
require('mathjax-full/js/input/tex/gensymb/GensymbConfiguration.js');
require('mathjax-full/js/input/tex/mathtools/MathtoolsConfiguration.js');
require('mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js');
require('mathjax-full/js/input/tex/textcomp/TextcompConfiguration.js');
require('mathjax-full/js/input/tex/textmacros/TextMacrosConfiguration.js');
require('mathjax-full/js/input/tex/upgreek/UpgreekConfiguration.js');

// Left out on purpose: html (links, styles, classes), require and autoload (loading code), unicode
// (fonts by name), verb, physics (redefines common macros).
var packages = ['base', 'ams', 'amscd', 'bbox', 'boldsymbol', 'braket', 'cancel', 'centernot', 'color',
                'enclose', 'gensymb', 'mathtools', 'newcommand', 'textcomp', 'textmacros', 'upgreek'];

var adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);

var tex = new TeX({
  packages: packages,
  maxMacros: 1000,
  maxBuffer: 16 * 1024,
  tags: 'none',
  mathtools: {'allow-mathtoolsset': false},
  formatError: function (_jax, error) { throw error; },
});
var svg = new SVG({fontCache: 'none', internalSpeechTitles: false});
var page = mathjax.document('', {InputJax: tex, OutputJax: svg});

var definitionMaps = ['new-Delimiter', 'new-Command', 'new-Environment', 'mathtools-paired-delims'];

function forgetDefinitions() {
  definitionMaps.forEach(function (name) {
    var map = MapHandler.getMap(name);
    if (map && map.map) {
      map.map.clear();
    }
  });
  var color = tex.parseOptions.packageData.get('color');
  if (color && color.model && color.model.userColors) {
    color.model.userColors.clear();
  }
  tex.reset();
}

// MathJax puts numbered equations into an image as wide as its container, which a formula among text
// does not have: the number goes behind the equation instead.
function inlineTags(source) {
  return source.replace(/\\tag\s*(\*?)\s*\{([^{}]*)\}/g, function (whole, star, label) {
    return star ? '\\qquad\\text{' + label + '}' : '\\qquad\\text{(' + label + ')}';
  });
}

// \bold is no LaTeX command, yet people write it for \mathbf.
exports.typeset = function (source, display) {
  try {
    var text = inlineTags(source).replace(/\\bold(?![a-zA-Z])/g, "\\mathbf");
    var node = page.convert(text, {display: display, em: 16, ex: 8, containerWidth: 1280});
    return adaptor.innerHTML(node);
  } finally {
    forgetDefinitions();
    page.clear();
  }
};
