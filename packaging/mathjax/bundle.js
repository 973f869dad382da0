// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the MathJax modules that Studio needs into one file for an engine that knows no modules.
//   node bundle.js PACKAGE OUTPUT [--stock-attributes]
// PACKAGE is mathjax-full as .tgz or as an unpacked folder. Writes OUTPUT and OUTPUT.version (a stamp
// that changes whenever the typeset result may change). --stock-attributes keeps MathJax's own
// Attributes class: the tests compare the two bundles' output.
'use strict';

const childProcess = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');

const attributesModule = 'js/core/MmlTree/Attributes.js';

function unpack(source) {
  if (fs.statSync(source).isDirectory()) {
    return {root: source, cleanUp() {}};
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scrit-mathjax-'));
  childProcess.execFileSync('tar', ['-xzf', path.resolve(source), '-C', folder, 'package/js', 'package/package.json']);
  return {
    root: path.join(folder, 'package'),
    cleanUp() { fs.rmSync(folder, {recursive: true, force: true}); },
  };
}

// All modules reachable from the entry, each as {id, text}, dependencies resolved to ids.
function collect(root, stockAttributes) {
  const modules = new Map();
  const textOf = (id) => {
    if (id === 'entry') {
      return fs.readFileSync(path.join(__dirname, 'entry.js'), 'utf8');
    }
    if (id === attributesModule && !stockAttributes) {
      return fs.readFileSync(path.join(__dirname, 'flat_attributes.js'), 'utf8');
    }
    return fs.readFileSync(path.join(root, id), 'utf8');
  };
  const visit = (id) => {
    if (modules.has(id)) {
      return;
    }
    modules.set(id, null);
    const text = textOf(id)
        .replace(/^\/\/# sourceMappingURL=.*$/m, '')
        .replace(/require\(["']([^"']+)["']\)/g, (whole, name) => {
          const target = name.startsWith('mathjax-full/') ? name.slice('mathjax-full/'.length)
                                                           : path.posix.join(path.posix.dirname(id), name);
          if (!target.startsWith('js/')) {
            throw new Error(`${id} requires ${name}, which is not part of MathJax itself`);
          }
          visit(target);
          return `require(${JSON.stringify(target)})`;
        });
    modules.set(id, text);
  };
  visit('entry');
  return modules;
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), {recursive: true});
  const temporary = `${file}.${process.pid}.part`;
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}

function main(args) {
  const stock = args.includes('--stock-attributes');
  const [source, output] = args.filter((argument) => !argument.startsWith('--'));
  if (!source || !output) {
    console.error('usage: node bundle.js PACKAGE OUTPUT [--stock-attributes]');
    return 2;
  }
  const {root, cleanUp} = unpack(source);
  try {
    const version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
    const modules = collect(root, stock);
    const parts = [
      `/* MathJax ${version}, Copyright (c) The MathJax Consortium, Apache License 2.0; see www.mathjax.org.`,
      '   Put together by packaging/mathjax/bundle.js of Scrit Studio, which replaced the class Attributes. */',
      // The engine evaluates this as a program: its modules look for globalThis before anything else.
      'if (typeof globalThis === "undefined") { this.globalThis = this; }',
      '(function (root) {',
      'var defined = {}, loaded = {};',
      'function require(id) {',
      '  var module = loaded[id];',
      '  if (!module) { module = loaded[id] = {exports: {}}; defined[id].call(undefined, module.exports, require, module); }',
      '  return module.exports;',
      '}',
    ];
    for (const [id, text] of modules) {
      parts.push(`defined[${JSON.stringify(id)}] = function (exports, require, module) {\n${text}\n};`);
    }
    parts.push('root.scritMath = require("entry");', '})(globalThis);', '');
    const bundle = parts.join('\n');
    write(output, bundle);
    const hash = crypto.createHash('sha256').update(bundle).digest('hex').slice(0, 16);
    write(`${output}.version`, `mathjax-${version}-${hash}\n`);
    return 0;
  } finally {
    cleanUp();
  }
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(`bundle.js: ${error.message}`);
  process.exitCode = 1;
}
