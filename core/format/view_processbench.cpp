// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// ProcessBench's form with the critique's verdict as label; the final answer by what is known about
// the solution (a recorded label before an answer match), null when nothing is.
class ProcessbenchView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{
            "processbench",
            "steps with the first wrong one by the critique (from 0, -1 = none)",
            "jsonl",
            {"problem", "solution"},
            {"label", "final_answer_correct"},
            false,
            false};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        const std::optional<int> firstError = item.critique.parsed.firstErrorStep;
        if (!firstError) {
            return base::fail(base::ErrorCode::Invalid, "no-first-error-step");
        }
        if (*firstError < model::kNoError ||
            *firstError >= static_cast<int>(item.solution.steps.size())) {
            return base::fail(base::ErrorCode::Invalid, "step-out-of-range");
        }
        const std::optional<model::Outcome> right = answerOutcome(item);
        const std::string& id = item.solution.externalId;
        std::string row;
        JsonWriter writer(row);
        writer.beginObject()
            .member("id", id.empty() ? item.solution.key : id)
            .member("generator", item.solution.author)
            .member("problem", problemForReader(item.problem))
            .key("steps")
            .beginArray();
        for (const base::Span step : item.solution.steps) {
            writer.value(base::slice(item.solution.text, step));
        }
        writer.endArray().key("final_answer_correct");
        if (right && *right != model::Outcome::Undecided) {
            writer.value(*right == model::Outcome::Yes);
        } else {
            writer.null();
        }
        writer.member("label", *firstError).member("source", item.problem.source).endObject();
        return row;
    }

    base::Expected<std::vector<Turn>> turns(const ExportItem& item,
                                            const ExportItem*) const override {
        if (const auto row = render(item); !row) {
            return base::fail(row.error());
        }
        std::vector<Turn> turns{{"problem", problemForReader(item.problem), false}};
        for (const base::Span step : item.solution.steps) {
            turns.push_back({"step", std::string(base::slice(item.solution.text, step)), false});
        }
        turns.push_back({"label", std::to_string(*item.critique.parsed.firstErrorStep), true});
        return turns;
    }

    std::string target(const ExportItem&) const override { return {}; }

    std::string_view columns() const override {
        return "{id: 'VARCHAR', generator: 'VARCHAR', problem: 'VARCHAR', steps: 'VARCHAR[]', "
               "final_answer_correct: 'BOOLEAN', label: 'BIGINT', source: 'VARCHAR'}";
    }

    std::string loading() const override {
        return "The keys of ProcessBench: `label` is the first wrong step counting from 0, -1 for "
               "none, as the critique says.\n\n" +
               pythonLoading();
    }

private:
    static std::optional<model::Outcome> answerOutcome(const ExportItem& item) {
        using model::SubjectKind;
        const std::optional<model::Outcome> label =
            outcomeOf(item, SubjectKind::Solution, model::verifier::kLabel, "label/answer");
        return label ? label
                     : outcomeOf(item, SubjectKind::Solution, model::verifier::kAnswerMatch);
    }
};

} // namespace

const View& processbenchView() {
    static const ProcessbenchView view;
    return view;
}

} // namespace scrit::format
