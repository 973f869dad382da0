-- SPDX-License-Identifier: GPL-3.0-or-later

-- Data sets that hold a problem besides the one it was first imported from (problem.source_term), and
-- what they call it. Lists of problems by source look here as well.
CREATE TABLE problem_source (
    problem_id INTEGER NOT NULL REFERENCES problem,
    source_term INTEGER NOT NULL REFERENCES term,
    split_term INTEGER NOT NULL REFERENCES term,
    external_id TEXT NOT NULL,
    PRIMARY KEY (problem_id, source_term)
) STRICT, WITHOUT ROWID;
CREATE INDEX problem_source_source ON problem_source (source_term);
-- A candidate comes in with its problem: one of another data set tells that the problem is there too.
INSERT OR IGNORE INTO problem_source (problem_id, source_term, split_term, external_id)
SELECT p.id, s.source_term, 0, '' FROM solution s JOIN problem p ON p.id = s.problem_id
WHERE s.source_term <> 0 AND s.source_term <> p.source_term;

-- A parser may come back to what it said before, because its flags depend on what is known about the
-- solution: the same parser may have several rows of one critique, and the highest id stays current.
CREATE TABLE critique_parse_next (
    id INTEGER PRIMARY KEY,
    critique_id INTEGER NOT NULL REFERENCES critique,
    parser_term INTEGER NOT NULL REFERENCES term,
    conclusion INTEGER CHECK (conclusion IN (0, 1)),
    first_error_step INTEGER,
    flags INTEGER NOT NULL,
    used_end INTEGER NOT NULL,
    correction_answer TEXT NOT NULL,
    parts TEXT NOT NULL -- JSON, see core/store/codec.h
) STRICT;
INSERT INTO critique_parse_next (id, critique_id, parser_term, conclusion, first_error_step, flags,
                                 used_end, correction_answer, parts)
SELECT id, critique_id, parser_term, conclusion, first_error_step, flags, used_end,
       correction_answer, parts FROM critique_parse ORDER BY id;
DROP TABLE critique_parse;
ALTER TABLE critique_parse_next RENAME TO critique_parse;
CREATE INDEX critique_parse_critique ON critique_parse (critique_id);

-- Conclusions are mostly asked for together with what became of the critique: this index answers
-- such counts alone.
DROP INDEX critique_row_conclusion;
CREATE INDEX critique_row_conclusion
    ON critique_row (conclusion, validated, answer, correct, mode, round);
