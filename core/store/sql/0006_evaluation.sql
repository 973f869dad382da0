-- SPDX-License-Identifier: GPL-3.0-or-later

-- A frozen set is found by its name, and tells how it was drawn.
UPDATE frozen_set SET name = printf('%s (%d)', name, id)
WHERE id NOT IN (SELECT min(id) FROM frozen_set GROUP BY name);
CREATE UNIQUE INDEX frozen_set_name ON frozen_set (name);
ALTER TABLE frozen_set ADD COLUMN subject_kind INTEGER NOT NULL DEFAULT 1 CHECK (subject_kind IN (0, 1));
ALTER TABLE frozen_set ADD COLUMN filter TEXT NOT NULL DEFAULT '';
ALTER TABLE frozen_set ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE frozen_set ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE frozen_set ADD COLUMN problems INTEGER NOT NULL DEFAULT 0;

-- The problems that members are or belong to: what filters and exports ask for.
CREATE TABLE frozen_problem (
    problem_id INTEGER NOT NULL REFERENCES problem,
    set_id INTEGER NOT NULL REFERENCES frozen_set,
    PRIMARY KEY (problem_id, set_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX frozen_problem_set ON frozen_problem (set_id, problem_id);
INSERT OR IGNORE INTO frozen_problem (problem_id, set_id)
SELECT p.id, m.set_id FROM frozen_set_member m
JOIN problem p ON p.id = CASE m.subject_kind
    WHEN 0 THEN m.subject_id
    WHEN 1 THEN (SELECT s.problem_id FROM solution s WHERE s.id = m.subject_id)
    ELSE (SELECT r.problem_id FROM critique_row r WHERE r.id = m.subject_id) END;
UPDATE frozen_set SET
    subject_kind = ifnull((SELECT min(m.subject_kind, 1) FROM frozen_set_member m
                           WHERE m.set_id = frozen_set.id), 1),
    size = (SELECT count(*) FROM frozen_set_member m WHERE m.set_id = frozen_set.id),
    problems = (SELECT count(*) FROM frozen_problem p WHERE p.set_id = frozen_set.id);
CREATE INDEX frozen_set_member_subject ON frozen_set_member (subject_kind, subject_id);

-- What is frozen stays. (Members that are added by other means than freezing show in the hash.)
CREATE TRIGGER frozen_set_kept BEFORE DELETE ON frozen_set
BEGIN SELECT RAISE(ABORT, 'a frozen set is never removed'); END;
CREATE TRIGGER frozen_set_same BEFORE UPDATE ON frozen_set
BEGIN SELECT RAISE(ABORT, 'a frozen set never changes'); END;
CREATE TRIGGER frozen_member_kept BEFORE DELETE ON frozen_set_member
BEGIN SELECT RAISE(ABORT, 'a frozen set never changes'); END;
CREATE TRIGGER frozen_member_same BEFORE UPDATE ON frozen_set_member
BEGIN SELECT RAISE(ABORT, 'a frozen set never changes'); END;

-- Whose critiques were evaluated, and why an evaluation stopped or failed.
ALTER TABLE evaluation ADD COLUMN critic_term INTEGER NOT NULL DEFAULT 0 REFERENCES term;
ALTER TABLE evaluation ADD COLUMN error TEXT NOT NULL DEFAULT '';
CREATE INDEX evaluation_set ON evaluation (set_id, state);
CREATE INDEX evaluation_run ON evaluation (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX evaluation_round ON evaluation (round_id) WHERE round_id IS NOT NULL;
