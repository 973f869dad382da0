// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/audit.h"

#include "core/review/facts.h"
#include "core/store/review_reader.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace scrit::review {
namespace {

using base::Expected;
using base::fail;

// What the reviewers of one critique say together.
enum class Truth { Accepted, Refused, Unsure, Disputed };

Truth truthOf(const std::vector<Judgement>& judgements, const MachineOpinion& machine) {
    const Judgement* decision = nullptr;
    int yes = 0;
    int no = 0;
    for (const Judgement& judgement : judgements) {
        if (isAdjudicator(judgement.annotator)) {
            if (decision == nullptr || decision->judgedAt < judgement.judgedAt) {
                decision = &judgement;
            }
        } else if (const auto accepted = accepts(judgement, machine)) {
            ++(*accepted ? yes : no);
        }
    }
    if (decision != nullptr) {
        const auto accepted = accepts(*decision, machine);
        return !accepted ? Truth::Unsure : *accepted ? Truth::Accepted : Truth::Refused;
    }
    if (yes == no) {
        return yes == 0 ? Truth::Unsure : Truth::Disputed;
    }
    return yes > no ? Truth::Accepted : Truth::Refused;
}

// A critique that counts, before its stratum is named.
struct Case {
    store::CritiqueFacts facts;
    bool truth = false;
    std::string drawn; // stratum of the plan's draw
    double weight = 1;
};

class Audit {
public:
    Audit(store::Reader& reader, const AuditQuery& query)
        : m_reader(reader), m_reviews(reader), m_query(query) {}

    Expected<AuditReport> run() {
        if (auto read = readPlan(); !read) {
            return fail(std::move(read.error()));
        }
        if (auto read = readCases(); !read) {
            return fail(std::move(read.error()));
        }
        return figures();
    }

private:
    Expected<void> readPlan();
    Expected<void> readCases();
    Expected<bool> addCritique(std::int64_t critiqueId,
                               const std::vector<model::Annotation>& annotations);
    Expected<AuditReport> figures();
    Expected<std::map<std::int64_t, int>> answersByProblem();
    Expected<void> describe(AuditReport& report, const std::map<std::string, std::string>& filters);

    store::Reader& m_reader;
    store::ReviewReader m_reviews;
    const AuditQuery& m_query;
    std::optional<Plan> m_plan;
    std::unordered_map<std::int64_t, store::ReviewItemRow> m_items; // by critique
    std::vector<Case> m_cases;
    AuditReport m_report;
};

Expected<void> Audit::readPlan() {
    if (!m_query.planId) {
        return {};
    }
    const auto row = m_reviews.plan(*m_query.planId);
    if (!row) {
        return fail(row.error());
    }
    if (!*row) {
        return fail(base::ErrorCode::NotFound,
                    "there is no review plan " + std::to_string(*m_query.planId));
    }
    m_plan = planOf(**row);
    auto items = m_reviews.items(m_plan->id, 0, 0);
    if (!items) {
        return fail(std::move(items.error()));
    }
    for (store::ReviewItemRow& item : *items) {
        const std::int64_t critique = item.critiqueId;
        m_items.emplace(critique, std::move(item));
    }
    return {};
}

Expected<void> Audit::readCases() {
    return m_reviews.forEachAnnotated(
        m_query.planId, 0,
        [&](std::int64_t critiqueId, const std::vector<model::Annotation>& annotations) {
            return addCritique(critiqueId, annotations);
        });
}

Expected<bool> Audit::addCritique(std::int64_t critiqueId,
                                  const std::vector<model::Annotation>& annotations) {
    Case one;
    if (m_plan) {
        const auto item = m_items.find(critiqueId);
        if (item == m_items.end() || item->second.weight <= 0) {
            return true; // a gold item that was not drawn says nothing of the whole
        }
        one.drawn = item->second.stratum;
        one.weight = item->second.weight;
    }
    std::vector<Judgement> judgements = judgementsOf(annotations);
    std::erase_if(judgements, [&](const Judgement& judgement) {
        return !m_query.annotator.empty() && judgement.annotator != m_query.annotator;
    });
    if (judgements.empty()) {
        return true;
    }
    const auto facts = m_reviews.facts(critiqueId);
    if (!facts) {
        return fail(facts.error());
    }
    if (!*facts) {
        return true;
    }
    ++m_report.judged;
    const Truth truth = truthOf(judgements, opinionOf(**facts));
    const bool validated = (*facts)->validated && *(*facts)->validated != model::Outcome::Undecided;
    if (truth == Truth::Unsure) {
        ++m_report.unsure;
    } else if (truth == Truth::Disputed) {
        ++m_report.disputed;
    } else if (!validated) {
        ++m_report.unvalidated;
    } else {
        one.facts = **facts;
        one.truth = truth == Truth::Accepted;
        m_cases.push_back(std::move(one));
    }
    return true;
}

Expected<std::map<std::int64_t, int>> Audit::answersByProblem() {
    std::map<std::int64_t, int> answers;
    if (std::find(m_query.by.begin(), m_query.by.end(), Stratum::Difficulty) == m_query.by.end()) {
        return answers;
    }
    std::vector<std::int64_t> problems;
    for (const Case& one : m_cases) {
        problems.push_back(one.facts.problemId);
    }
    const auto counted = m_reader.uniqueAnswersOf(problems);
    if (!counted) {
        return fail(counted.error());
    }
    answers.insert(counted->begin(), counted->end());
    return answers;
}

Expected<AuditReport> Audit::figures() {
    const auto answers = answersByProblem();
    if (!answers) {
        return fail(answers.error());
    }
    std::vector<eval::AuditCase> cases;
    std::vector<std::string> drawn;
    std::map<std::string, std::string> filters; // by name of a stratum
    for (const Case& one : m_cases) {
        eval::AuditCase value;
        value.id = one.facts.critiqueId;
        value.positive = *one.facts.validated == model::Outcome::Yes;
        value.truth = one.truth;
        value.weight = one.weight;
        value.stratum = m_query.by.empty() ? one.drawn : std::string();
        std::string filter;
        bool known = true;
        const std::vector<Stratum>& named =
            m_query.by.empty() && m_plan ? m_plan->strata : m_query.by;
        for (const Stratum stratum : named) {
            const auto count = answers->find(one.facts.problemId);
            const std::string word =
                stratumWord(stratum, one.facts, count == answers->end() ? 0 : count->second);
            const std::string part = stratumFilter(stratum, word);
            known = known && !part.empty();
            filter += (filter.empty() ? "" : " ") + part;
            if (!m_query.by.empty()) {
                value.stratum += (value.stratum.empty() ? "" : "+") + word;
            }
        }
        filters[value.stratum] = known ? filter : std::string();
        cases.push_back(std::move(value));
        drawn.push_back(one.drawn);
    }
    std::vector<eval::StratumSize> sizes;
    if (m_plan && m_plan->queue != Queue::Filter) {
        for (const StratumShare& share : m_plan->shares) {
            sizes.push_back({share.name, share.available});
        }
    }
    AuditReport report = std::move(m_report);
    report.used = static_cast<std::int64_t>(cases.size());
    report.figures = eval::audit(cases, sizes, m_query.halfWidth, drawn);
    report.weighted = report.figures.precision.has_value();
    if (report.figures.strata.size() == 1 && report.figures.strata.front().stratum.empty()) {
        report.figures.strata.clear(); // all together, once more
    }
    if (auto described = describe(report, filters); !described) {
        return fail(std::move(described.error()));
    }
    return report;
}

Expected<void> Audit::describe(AuditReport& report,
                               const std::map<std::string, std::string>& filters) {
    for (const eval::AuditRow& row : report.figures.strata) {
        AuditStratum& stratum = report.strata.emplace_back();
        stratum.name = row.stratum;
        stratum.filter = filters.at(row.stratum);
        if (m_plan && m_query.by.empty()) {
            for (const StratumShare& share : m_plan->shares) {
                stratum.population =
                    share.name == row.stratum ? share.available : stratum.population;
            }
        } else if (!m_plan && !stratum.filter.empty()) {
            const auto count = m_reader.count(
                {store::ListOf::Critiques, stratum.filter, store::SortKey::Id, false});
            if (!count) {
                return fail(count.error());
            }
            stratum.population = *count;
        }
    }
    return {};
}

} // namespace

Expected<AuditReport> auditSelfValidation(store::Reader& reader, const AuditQuery& query) {
    return Audit(reader, query).run();
}

} // namespace scrit::review
