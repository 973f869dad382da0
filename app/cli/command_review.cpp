// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/review_commands.h"
#include "app/cli/review_output.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/text.h"

#include <charconv>
#include <memory>

namespace scrit::cli {
namespace {

using base::ErrorCode;
using base::Expected;

struct ReviewPlanArguments {
    std::string workspace;
    std::string name;
    std::string filter;
    std::string queue = "random";
    std::vector<std::string> by;
    std::string quota = "proportional";
    std::vector<std::string> quotas;
    std::vector<std::string> goldItems;
    std::int64_t size = 100;
    std::int64_t gold = 0;
    std::uint64_t seed = 0;
    bool blind = false;
    bool dryRun = false;
    bool json = false;
};

struct ReviewStatsArguments {
    std::string workspace;
    std::string plan;
    std::vector<std::string> by;
    std::string annotator;
    double halfWidth = 0.05;
    std::uint64_t seed = 0;
    bool all = false;
    bool json = false;
};

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

Expected<review::PlanRequest> planRequest(const ReviewPlanArguments& arguments) {
    review::PlanRequest request;
    request.name = arguments.name;
    request.filter = arguments.filter;
    request.queue = *review::queueFromName(arguments.queue);
    request.quota = *review::quotaFromName(arguments.quota);
    request.size = arguments.size;
    request.seed = arguments.seed;
    request.blind = arguments.blind;
    request.gold = arguments.gold;
    for (const std::string& name : arguments.by) {
        request.strata.push_back(*review::stratumFromName(name));
    }
    if (!request.strata.empty()) {
        request.queue = review::Queue::Stratified;
    }
    for (const std::string& text : arguments.quotas) {
        const std::size_t equals = text.rfind('=');
        const auto count = equals == std::string::npos
                               ? std::nullopt
                               : wholeNumber(std::string_view(text).substr(equals + 1));
        if (!count) {
            return base::fail(ErrorCode::Invalid, "\"" + text + "\" is no quota",
                              "write it as STRATUM=N, for example gsm8k=30");
        }
        request.quota = review::Quota::Given;
        request.quotas[text.substr(0, equals)] = *count;
    }
    for (const std::string& text : arguments.goldItems) {
        const std::size_t colon = text.find(':');
        const auto id = wholeNumber(std::string_view(text).substr(0, colon));
        const auto answer = colon == std::string::npos
                                ? std::nullopt
                                : review::goldFromText(std::string_view(text).substr(colon + 1));
        if (!id || !answer) {
            return base::fail(ErrorCode::Invalid, "\"" + text + "\" is no gold item",
                              "write it as ID:first-error:N, ID:valid:yes or ID:valid:no");
        }
        request.givenGold.emplace_back(*id, *answer);
    }
    return request;
}

void printShares(const std::vector<review::StratumShare>& shares) {
    Table table({{"stratum", false, true}, {"critiques", true}, {"chosen", true}});
    for (const review::StratumShare& share : shares) {
        table.add({share.name.empty() ? "all" : base::escapeForTerminal(share.name),
                   std::to_string(share.available), std::to_string(share.chosen)});
    }
    table.finish();
}

Expected<int> listPlans(const ReviewPlanArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto plans = review::plans(**reader);
    if (!plans) {
        return base::fail(plans.error());
    }
    Table table({{"plan", false, true},
                 {"queue"},
                 {"items", true},
                 {"gold", true},
                 {"done", true},
                 {"blind"}});
    for (const review::Plan& plan : *plans) {
        if (arguments.json) {
            printJson(planJson(plan));
        } else {
            table.add({base::escapeForTerminal(base::excerpt(plan.name, 60)),
                       std::string(review::name(plan.queue)), std::to_string(plan.items),
                       std::to_string(plan.goldItems), std::to_string(plan.done),
                       plan.blind ? "yes" : "no"});
        }
    }
    if (!arguments.json) {
        table.finish();
    }
    return kOk;
}

Expected<int> previewReview(const ReviewPlanArguments& arguments,
                            const review::PlanRequest& request) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    const auto preview = reader ? review::previewPlan(**reader, request)
                                : Expected<review::PlanPreview>(base::fail(reader.error()));
    if (!preview) {
        return base::fail(preview.error());
    }
    if (arguments.json) {
        Json shares = Json::array();
        for (const review::StratumShare& share : preview->strata) {
            shares.push_back(
                {{"name", share.name}, {"available", share.available}, {"chosen", share.chosen}});
        }
        printJson({{"matching", preview->matching},
                   {"chosen", preview->chosen},
                   {"gold", preview->gold},
                   {"shares", std::move(shares)}});
    } else {
        printShares(preview->strata);
    }
    return kOk;
}

Expected<int> planReview(const ReviewPlanArguments& arguments) {
    if (arguments.name.empty() && !arguments.dryRun) {
        return listPlans(arguments);
    }
    const auto request = planRequest(arguments);
    if (!request) {
        return base::fail(request.error());
    }
    if (arguments.dryRun) {
        return previewReview(arguments, *request);
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto plan = review::createPlan(**workspace, *request);
    if (!plan) {
        return base::fail(plan.error());
    }
    if (arguments.json) {
        printJson(planJson(*plan));
    } else {
        print("review plan " + base::escapeForTerminal(plan->name) + ": " +
              std::to_string(plan->items) + " items\n");
        printShares(plan->shares);
    }
    return kOk;
}

void printAudit(const review::AuditReport& report) {
    print("judged " + std::to_string(report.judged) + ", used " + std::to_string(report.used) +
          "; left out: unsure " + std::to_string(report.unsure) + ", disputed " +
          std::to_string(report.disputed) + ", without self-validation " +
          std::to_string(report.unvalidated) + "\n");
    Table table({{"self-validation", false, true},
                 {"precision"},
                 {"more", true},
                 {"recall"},
                 {"more", true}});
    const auto add = [&](const std::string& name, const eval::AuditRow& row) {
        table.add({base::escapeForTerminal(name), rateText(row.precision),
                   std::to_string(row.precision.moreItems), rateText(row.recall),
                   std::to_string(row.recall.moreItems)});
    };
    add("all", report.figures.total);
    for (const eval::AuditRow& row : report.figures.strata) {
        add(row.stratum, row);
    }
    table.finish();
    if (report.weighted) {
        const auto words = [](const std::optional<eval::WeightedRate>& rate) {
            if (!rate || !rate->value) {
                return std::string("-");
            }
            char text[96];
            std::snprintf(text, sizeof text, "%.1f %% (%.1f %% to %.1f %%)", *rate->value * 100,
                          rate->interval.low * 100, rate->interval.high * 100);
            return std::string(text);
        };
        print("weighted to all critiques of the draw: precision " +
              words(report.figures.precision) + ", recall " + words(report.figures.recall) + "\n");
    }
}

void printAgreement(const review::AgreementReport& report) {
    if (report.rows.empty()) {
        return;
    }
    const auto words = [](const eval::AgreementValue& value) {
        if (!value.value) {
            return std::string("-");
        }
        char text[96];
        if (value.interval) {
            std::snprintf(text, sizeof text, "%.3f (%.3f to %.3f)", *value.value,
                          value.interval->low, value.interval->high);
        } else {
            std::snprintf(text, sizeof text, "%.3f", *value.value);
        }
        return std::string(text);
    };
    print("\n");
    Table table({{"agreement on"},
                 {"between", false, true},
                 {"items", true},
                 {"share"},
                 {"kappa"},
                 {"alpha"}});
    for (const review::AgreementRow& row : report.rows) {
        std::string who;
        for (const std::string& name : row.annotators) {
            who += (who.empty() ? "" : ", ") + name;
        }
        table.add({std::string(review::name(row.question)),
                   base::escapeForTerminal(base::excerpt(who, 60)), std::to_string(row.alpha.units),
                   words(row.percent), words(row.kappa), words(row.alpha)});
    }
    table.finish();
}

void printProgress(const std::vector<std::pair<std::string, review::Progress>>& progress,
                   const std::vector<review::GoldScore>& gold) {
    if (progress.empty()) {
        return;
    }
    print("\n");
    Table table({{"annotator", false, true}, {"judged", true}, {"skipped", true}, {"gold right"}});
    for (const auto& [name, one] : progress) {
        std::string right = "-";
        for (const review::GoldScore& score : gold) {
            right = score.annotator == name ? rateText(score.right) : right;
        }
        table.add({base::escapeForTerminal(name), std::to_string(one.done),
                   std::to_string(one.skipped), right});
    }
    table.finish();
}

Expected<int> reviewStats(const ReviewStatsArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto opened = (*workspace)->reader();
    if (!opened) {
        return base::fail(opened.error());
    }
    store::Reader& reader = **opened;
    std::optional<review::Plan> plan;
    if (!arguments.all) {
        auto found = review::findPlan(reader, arguments.plan);
        if (!found) {
            return base::fail(std::move(found.error()));
        }
        plan = std::move(*found);
    }
    review::AuditQuery query;
    query.planId = plan ? std::optional(plan->id) : std::nullopt;
    query.annotator = arguments.annotator;
    query.halfWidth = arguments.halfWidth;
    for (const std::string& name : arguments.by) {
        query.by.push_back(*review::stratumFromName(name));
    }
    const auto audit = review::auditSelfValidation(reader, query);
    const auto agreement = review::reviewerAgreement(reader, query.planId, arguments.seed);
    if (!audit || !agreement) {
        return base::fail(audit ? agreement.error() : audit.error());
    }
    std::vector<review::GoldScore> gold;
    std::vector<std::pair<std::string, review::Progress>> progress;
    if (plan) {
        auto scores = review::goldScores(reader, *plan);
        auto all = review::progressOfAll(reader, *plan);
        if (!scores || !all) {
            return base::fail(scores ? all.error() : scores.error());
        }
        gold = std::move(*scores);
        progress = std::move(*all);
    }
    if (!arguments.json) {
        printAudit(*audit);
        printAgreement(*agreement);
        printProgress(progress, gold);
        return kOk;
    }
    Json annotators = Json::object();
    for (const auto& [name, one] : progress) {
        annotators[name] = progressJson(one);
    }
    printJson({{"plan", plan ? planJson(*plan) : Json()},
               {"annotators", std::move(annotators)},
               {"audit", auditJson(*audit)},
               {"agreement", agreementJson(*agreement)},
               {"gold", goldJson(gold)}});
    return kOk;
}

const std::vector<std::string>& stratumNames() {
    static const std::vector<std::string> kNames = {"source",    "difficulty", "round",   "verdict",
                                                    "validated", "mode",       "student", "critic"};
    return kNames;
}

void addReviewPlan(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<ReviewPlanArguments>();
    CLI::App* command = group.add_subcommand("plan", "Draw what is to be reviewed, or list plans");
    addWorkspace(*command, arguments->workspace);
    command->add_option("name", arguments->name, "Name of the new plan; without: list the plans")
        ->type_name("NAME");
    command->add_option("--filter", arguments->filter, "Only these critiques")->type_name("EXPR");
    addChoice(*command, session, "--queue", arguments->queue,
              {"filter", "disagreement", "red-flag", "random", "stratified"},
              "What is looked at: all of the filter, self-validation against answer match, red "
              "flags, a random sample, a stratified one");
    addChoices(*command, session, "--by", arguments->by, stratumNames(),
               "Stratify by this; may be repeated");
    addChoice(*command, session, "--quota", arguments->quota, {"proportional", "equal"},
              "How many of each stratum");
    command
        ->add_option("--quota-of", arguments->quotas,
                     "So many of this stratum and none of those not named; may be repeated")
        ->type_name("STRATUM=N")
        ->allow_extra_args(false);
    command->add_option("--size", arguments->size, "Items at most, gold ones not counted; 0: all")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_option("--seed", arguments->seed, "Another seed draws other items")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_flag("--blind", arguments->blind,
                      "Hide what machines say of an item until it is judged");
    command
        ->add_option("--gold", arguments->gold,
                     "Mix in so many items whose first wrong step the data set labels")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        ->add_option("--gold-item", arguments->goldItems,
                     "Mix in this critique, whose answer is known: ID:first-error:N or "
                     "ID:valid:yes; may be repeated")
        ->type_name("ID:ANSWER")
        ->allow_extra_args(false);
    command->add_flag("--dry-run", arguments->dryRun, "Show what would be drawn, store nothing");
    addJson(*command, arguments->json, "Print JSON: one object a plan");
    command->footer(
        "The same critiques, options and seed give the same items in the same order on every\n"
        "machine. Quotas name strata as --dry-run shows them.\n"
        "\n"
        "Examples:\n"
        "  scrit review plan study.scrit audit --by source,verdict --quota equal --size 200 "
        "--blind\n"
        "  scrit review plan study.scrit odd --queue disagreement --filter round:2 --size 0\n"
        "  scrit review plan study.scrit mixed --gold 20 --seed 7\n"
        "  scrit review plan study.scrit");
    setAction(*command, session, [arguments] { return planReview(*arguments); });
}

void addReviewStats(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<ReviewStatsArguments>();
    CLI::App* command = group.add_subcommand(
        "stats", "How far self-validation can be trusted, and how well reviewers agree");
    addWorkspace(*command, arguments->workspace);
    command->add_option("plan", arguments->plan, "Name of the plan (default: the newest)")
        ->type_name("PLAN");
    command->add_flag("--all", arguments->all, "All judgements of the workspace, of any plan");
    addChoices(*command, session, "--by", arguments->by, stratumNames(),
               "A row for each of these; may be repeated (default: the strata of the plan)");
    command->add_option("--annotator", arguments->annotator, "The audit by this reviewer alone")
        ->type_name("NAME");
    command
        ->add_option("--half-width", arguments->halfWidth,
                     "Tell how many more to judge until the 95 % interval is \xC2\xB1 this")
        ->type_name("W")
        ->check(numberWithin(0.001, 0.5));
    command->add_option("--seed", arguments->seed, "Of the bootstrap intervals of agreement")
        ->type_name("N")
        ->check(wholeFrom(0));
    addJson(*command, arguments->json, "Print one JSON object");
    command->footer(
        "Precision: of the critiques that self-validation let pass, how many reviewers accept.\n"
        "Recall: of those that reviewers accept, how many it let pass. Intervals: Wilson, 95 %.\n"
        "Where a plan took strata in other shares than there are, weighted figures follow.\n"
        "\n"
        "Examples:\n"
        "  scrit review stats study.scrit audit\n"
        "  scrit review stats study.scrit audit --by difficulty --half-width 0.03\n"
        "  scrit review stats study.scrit --all --json | jq .audit.precision");
    setAction(*command, session, [arguments] { return reviewStats(*arguments); });
}

} // namespace

void addReview(CLI::App& root, Session& session) {
    CLI::App* group =
        root.add_subcommand("review", "Judge critiques by hand, alone or with several people")
            ->group(std::string(kLoopGroup))
            ->require_subcommand(1)
            ->footer("Examples:\n"
                     "  scrit review plan study.scrit audit --size 100 --blind\n"
                     "  scrit review next study.scrit audit --annotator ada\n"
                     "  scrit review annotate study.scrit audit --annotator ada --valid yes\n"
                     "  scrit review stats study.scrit audit");
    addReviewPlan(*group, session);
    addReviewItems(*group, session);
    addReviewStats(*group, session);
    addReviewSharing(*group, session);
}

} // namespace scrit::cli
