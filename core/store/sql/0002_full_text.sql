-- SPDX-License-Identifier: GPL-3.0-or-later
-- Full-text search. The indexes keep no copy of the text: it stays in its table, where it never changes
-- after it was added.
CREATE VIRTUAL TABLE problem_text USING fts5 (
    text, content = 'problem', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE solution_text USING fts5 (
    text, content = 'solution', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE critique_text USING fts5 (
    text, content = 'critique', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO problem_text (problem_text) VALUES ('rebuild');
INSERT INTO solution_text (solution_text) VALUES ('rebuild');
INSERT INTO critique_text (critique_text) VALUES ('rebuild');
