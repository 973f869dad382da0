// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/review_commands.h"
#include "app/cli/review_output.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/text.h"
#include "core/loop/repair.h"
#include "core/review/pack.h"

#include <filesystem>
#include <memory>

namespace scrit::cli {
namespace {

using base::ErrorCode;
using base::Expected;

struct ReviewPackArguments {
    std::string workspace;
    std::string plan;
    std::string out;
    std::string annotator;
    bool answers = false;
    bool blind = false;
    bool open = false;
    bool json = false;
};

struct ReviewMergeArguments {
    std::string workspace;
    std::vector<std::string> files;
    bool addItems = false;
    bool json = false;
};

struct AdjudicateArguments {
    std::string workspace;
    std::string plan;
    std::string annotator;
    std::int64_t critique = 0;
    int limit = 0;
    bool everything = false;
    bool decided = false;
    bool undo = false;
    bool json = false;
    JudgementOptions judgement;
};

Expected<int> packReview(const Session& session, const ReviewPackArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto plan = review::findPlan(**reader, arguments.plan);
    if (!plan) {
        return base::fail(plan.error());
    }
    review::PackOptions options;
    options.content = arguments.answers ? review::PackOptions::Content::Answers
                                        : review::PackOptions::Content::Items;
    options.annotator = arguments.annotator;
    if (arguments.blind || arguments.open) {
        options.blind = arguments.blind;
    }
    const auto packed = review::writePack(**reader, *plan, arguments.out, options, session.cancel);
    if (!packed) {
        return base::fail(packed.error());
    }
    if (arguments.json) {
        printJson({{"file", arguments.out},
                   {"plan", plan->name},
                   {"items", packed->items},
                   {"answers", packed->answers},
                   {"bytes", packed->bytes}});
    } else {
        print(base::escapeForTerminal(arguments.out) + ": " +
              (arguments.answers ? std::to_string(packed->answers) + " answers\n"
                                 : std::to_string(packed->items) + " items\n"));
    }
    return kOk;
}

Json mergeJson(const std::string& file, const review::MergeSummary& summary) {
    return {{"file", file},
            {"plan", textOrNull(summary.plan)},
            {"items", summary.items},
            {"items_added", summary.itemsAdded},
            {"items_existing", summary.itemsExisting},
            {"items_unknown", summary.itemsUnknown},
            {"answers", summary.answers},
            {"added", summary.added},
            {"existing", summary.existing},
            {"unknown", summary.unknown},
            {"rescored", summary.rescored},
            {"bad", summary.bad},
            {"bad_lines", summary.problems}};
}

void printMerged(const std::string& file, const review::MergeSummary& summary) {
    const auto counts = [](std::int64_t added, std::int64_t existing, std::int64_t unknown) {
        return std::to_string(added) + " new, " + std::to_string(existing) + " there already, " +
               std::to_string(unknown) + " unknown";
    };
    std::string out = base::escapeForTerminal(file) + ":";
    if (summary.items > 0) {
        out += " items: " + counts(summary.itemsAdded, summary.itemsExisting, summary.itemsUnknown);
    }
    if (summary.answers > 0 || summary.items == 0) {
        out += " answers: " + counts(summary.added, summary.existing, summary.unknown);
    }
    if (summary.rescored > 0) {
        out += "; scored again: " + std::to_string(summary.rescored) + " verdicts";
    }
    print(out + "\n");
    for (const std::string& problem : summary.problems) {
        printNote(problem);
    }
}

Expected<int> mergeReview(const Session& session, const ReviewMergeArguments& arguments) {
    // For somebody who gets a pack and has no workspace yet.
    std::error_code ignored;
    const bool fresh = !std::filesystem::exists(arguments.workspace, ignored);
    auto workspace =
        fresh ? store::Workspace::create(arguments.workspace) : openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(std::move(workspace.error()));
    }
    const review::MergeOptions options{arguments.addItems || fresh};
    bool anyBad = false;
    std::int64_t known = 0;
    std::int64_t unknown = 0;
    for (const std::string& file : arguments.files) {
        const auto merged = review::mergePack(**workspace, file, options,
                                              loop::answerRescorer(*workspace), session.cancel);
        if (!merged) {
            if (fresh) { // nothing but an empty file was made
                workspace->reset();
                std::filesystem::remove(arguments.workspace, ignored);
            }
            return base::fail(merged.error());
        }
        anyBad = anyBad || merged->bad > 0;
        known += merged->itemsAdded + merged->itemsExisting + merged->added + merged->existing;
        unknown += merged->itemsUnknown + merged->unknown;
        if (arguments.json) {
            printJson(mergeJson(file, *merged));
        } else {
            printMerged(file, *merged);
        }
    }
    const std::string advice = options.addItems ? "merge the pack of items first"
                                                : "--add-items brings in the items of a pack";
    if (unknown > 0 && known == 0) {
        return base::fail(ErrorCode::NotFound,
                          "nothing could be merged: the workspace has none of these critiques",
                          advice);
    }
    if (unknown > 0) {
        printNote(std::to_string(unknown) + " unknown: " + advice);
    }
    return anyBad ? kFailed : kOk;
}

Expected<int> decideDispute(const AdjudicateArguments& arguments) {
    if (arguments.annotator.empty()) {
        return base::fail(ErrorCode::Invalid, "a decision needs the name of who decides",
                          "give it with --annotator");
    }
    auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(std::move(workspace.error()));
    }
    const review::Rescorer rescorer = loop::answerRescorer(*workspace);
    if (arguments.undo) {
        const auto undone = review::takeBackDecision(**workspace, arguments.critique,
                                                     arguments.annotator, rescorer);
        if (!undone) {
            return base::fail(undone.error());
        }
        if (!*undone) {
            return base::fail(ErrorCode::NotFound, arguments.annotator +
                                                       " has not decided about critique " +
                                                       std::to_string(arguments.critique));
        }
        if (arguments.json) {
            printJson({{"critique", arguments.critique}, {"decision", nullptr}});
        } else {
            print("critique " + std::to_string(arguments.critique) + ": decision taken back\n");
        }
        return kOk;
    }
    const auto judgement = judgementOf(arguments.judgement, false);
    if (!judgement) {
        return base::fail(judgement.error());
    }
    const auto decided = review::adjudicate(**workspace, arguments.critique, arguments.annotator,
                                            *judgement, rescorer);
    if (!decided) {
        return base::fail(decided.error());
    }
    if (arguments.json) {
        printJson({{"critique", decided->critiqueId},
                   {"decision", reviewJudgementJson(decided->judgement)},
                   {"rescored", decided->rescored}});
    } else {
        print("critique " + std::to_string(decided->critiqueId) + ": " +
              judgementWords(decided->judgement) + "\n");
    }
    return kOk;
}

Expected<int> listDisputes(const AdjudicateArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    review::DisputeQuery query;
    query.withDecided = arguments.decided;
    query.limit = arguments.limit;
    if (!arguments.everything) {
        const auto plan = review::findPlan(**reader, arguments.plan);
        if (!plan) {
            return base::fail(plan.error());
        }
        query.planId = plan->id;
    }
    const auto found = review::disputes(**reader, query);
    if (!found) {
        return base::fail(found.error());
    }
    for (const review::Dispute& dispute : *found) {
        if (arguments.json) {
            printJson(disputeJson(dispute));
            continue;
        }
        std::string out = "critique " + std::to_string(dispute.critiqueId) + "\n";
        for (const review::Judgement& judgement : dispute.judgements) {
            out += "  " +
                   padded(base::escapeForTerminal(base::excerpt(judgement.annotator, 24)), 24) +
                   "  " + judgementWords(judgement) + "\n";
        }
        if (dispute.decision) {
            out += "  " + padded("decided", 24) + "  " + judgementWords(*dispute.decision) + "\n";
        }
        print(out);
    }
    if (!arguments.json) {
        print(std::to_string(found->size()) +
              (found->size() == 1 ? " disagreement\n" : " disagreements\n"));
    }
    return kOk;
}

void addReviewPack(CLI::App& group, Session& session) {
    const auto pack = std::make_shared<ReviewPackArguments>();
    CLI::App* packing = group.add_subcommand(
        "pack", "Write items for another reviewer, or the answers to send back");
    addWorkspace(*packing, pack->workspace);
    packing->add_option("plan", pack->plan, "Name of the plan (default: the newest)")
        ->type_name("PLAN");
    packing->add_option("--out", pack->out, "The file; one that ends with .zst is compressed")
        ->type_name("FILE")
        ->required();
    packing->add_flag("--answers", pack->answers, "The judgements instead of the items");
    packing->add_option("--annotator", pack->annotator, "Only this reviewer's answers")
        ->type_name("NAME");
    auto* blind = packing->add_flag("--blind", pack->blind,
                                    "Without what machines say (default: as the plan is)");
    packing->add_flag("--open", pack->open, "With what machines say")->excludes(blind);
    addJson(*packing, pack->json, "Print one JSON object");
    packing->footer("Known answers of gold items never go out.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit review pack study.scrit audit --out audit.jsonl.zst --blind\n"
                    "  scrit review pack mine.scrit --answers --annotator bo --out bo.jsonl");
    setAction(*packing, session, [&session, pack] { return packReview(session, *pack); });
}

void addReviewMerge(CLI::App& group, Session& session) {
    const auto merge = std::make_shared<ReviewMergeArguments>();
    CLI::App* merging = group.add_subcommand("merge", "Bring in packs: answers, or items to judge");
    addWorkspace(*merging, merge->workspace);
    merging->add_option("files", merge->files, "Review packs")->type_name("FILE")->required();
    merging->add_flag("--add-items", merge->addItems,
                      "Also store items that the workspace does not have");
    addJson(*merging, merge->json, "Print one JSON object a file");
    merging->footer(
        "Merging a file again adds nothing, and the order does not matter. A workspace that does\n"
        "not exist is made, and gets the items.\n"
        "\n"
        "Examples:\n"
        "  scrit review merge mine.scrit audit.jsonl.zst\n"
        "  scrit review merge study.scrit ada.jsonl bo.jsonl");
    setAction(*merging, session, [&session, merge] { return mergeReview(session, *merge); });
}

} // namespace

void addReviewSharing(CLI::App& group, Session& session) {
    addReviewPack(group, session);
    addReviewMerge(group, session);

    const auto decide = std::make_shared<AdjudicateArguments>();
    CLI::App* deciding =
        group.add_subcommand("adjudicate", "List what reviewers disagree on, or decide it");
    addWorkspace(*deciding, decide->workspace);
    deciding->add_option("plan", decide->plan, "Name of the plan (default: the newest)")
        ->type_name("PLAN");
    deciding->add_flag("--all", decide->everything, "In the whole workspace");
    deciding->add_flag("--decided", decide->decided, "Also what is decided already");
    deciding->add_option("--limit", decide->limit, "At most so many")
        ->type_name("N")
        ->check(wholeFrom(0));
    auto* critique =
        deciding->add_option("--critique", decide->critique, "Decide about this critique")
            ->type_name("ID")
            ->check(wholeFrom(1));
    deciding->add_option("--annotator", decide->annotator, "Who decides")->type_name("NAME");
    addJudgementOptions(*deciding, session, decide->judgement);
    deciding->add_flag("--undo", decide->undo, "Take the decision back")->needs(critique);
    addJson(*deciding, decide->json, "Print one JSON object for each");
    deciding->footer("A decision is one more judgement, which wins in stats and lists.\n"
                     "\n"
                     "Examples:\n"
                     "  scrit review adjudicate study.scrit audit\n"
                     "  scrit review adjudicate study.scrit --critique 17 --annotator eve "
                     "--valid no --first-error 2");
    setAction(*deciding, session, [decide] {
        return decide->critique > 0 ? decideDispute(*decide) : listDisputes(*decide);
    });
}

} // namespace scrit::cli
