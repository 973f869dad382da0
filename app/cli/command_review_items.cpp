// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/review_commands.h"
#include "app/cli/review_output.h"
#include "app/cli/validators.h"
#include "core/base/text.h"
#include "core/loop/repair.h"

#include <iostream>
#include <memory>

namespace scrit::cli {
namespace {

using base::ErrorCode;
using base::Expected;

struct ReviewItemArguments {
    std::string workspace;
    std::string plan;
    std::string annotator;
    std::int64_t position = -1;
    std::int64_t critique = 0;
    int count = 1;
    bool skip = false;
    bool skipped = false;
    bool lines = false;
    bool json = false;
    JudgementOptions judgement;
};

// A workspace with one annotator at work on one plan.
struct OpenReview {
    std::shared_ptr<store::Workspace> workspace;
    std::unique_ptr<review::Session> session;
};

Expected<OpenReview> openReview(const ReviewItemArguments& arguments, bool write = true) {
    auto workspace = write ? openToWrite(arguments.workspace) : openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(std::move(workspace.error()));
    }
    auto session = review::Session::open(*workspace, arguments.plan, arguments.annotator,
                                         loop::answerRescorer(*workspace));
    if (!session) {
        return base::fail(std::move(session.error()));
    }
    return OpenReview{std::move(*workspace), std::move(*session)};
}

// The place that the options name; the current one otherwise. Nothing: no item is open.
Expected<std::optional<review::Item>> chosenItem(review::Session& session, std::int64_t position,
                                                 std::int64_t critique) {
    if (critique > 0) {
        const auto found = session.positionOf(critique);
        if (!found) {
            return base::fail(found.error());
        }
        if (!*found) {
            return base::fail(ErrorCode::NotFound, "critique " + std::to_string(critique) +
                                                       " is not in the review plan");
        }
        position = **found;
    }
    if (position < 0) {
        return session.current();
    }
    auto item = session.goTo(position);
    return item ? Expected<std::optional<review::Item>>(std::move(*item))
                : base::fail(std::move(item.error()));
}

Expected<int> showReviewItem(const ReviewItemArguments& arguments, OpenReview& open,
                             const std::optional<review::Item>& item) {
    const auto progress = open.session->progress();
    if (!progress) {
        return base::fail(progress.error());
    }
    if (!item) {
        if (arguments.json) {
            printJson({{"plan", open.session->plan().name},
                       {"item", nullptr},
                       {"progress", progressJson(*progress)}});
        } else {
            print("nothing is open: " + progressWords(*progress) + "\n");
        }
        return kOk;
    }
    const auto reader = open.workspace->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto record = (*reader)->record(store::ListOf::Critiques, item->critiqueId);
    if (!record) {
        return base::fail(record.error());
    }
    if (arguments.json) {
        printJson({{"plan", open.session->plan().name},
                   {"item", reviewItemJson(*item)},
                   {"progress", progressJson(*progress)},
                   {"record", reviewRecordJson(*record, *item)}});
        return kOk;
    }
    print(reviewItemText(*record, *item, open.session->plan(), *progress));
    if (!item->hideVerdicts) {
        const auto reveal = open.session->reveal(item->position);
        if (!reveal) {
            return base::fail(reveal.error());
        }
        print("\n" + revealText(*item, *reveal));
    }
    if (item->mine) {
        print("judged: " + judgementWords(*item->mine) + "\n");
    }
    return kOk;
}

Expected<int> nextReviewItem(const ReviewItemArguments& arguments) {
    auto open = openReview(arguments, arguments.skip); // looking needs no lock
    if (!open) {
        return base::fail(std::move(open.error()));
    }
    auto item = chosenItem(*open->session, arguments.position, arguments.critique);
    if (item && arguments.skip && *item) {
        auto skipped = open->session->skip((*item)->position);
        if (!skipped) {
            return base::fail(std::move(skipped.error()));
        }
        item = std::move(skipped->next);
    } else if (item && arguments.skipped) {
        item = open->session->nextSkipped();
    }
    return item ? showReviewItem(arguments, *open, *item) : base::fail(std::move(item.error()));
}

Json submittedJson(const review::Submitted& submitted) {
    return {{"item", reviewItemJson(submitted.item)},
            {"machine", revealJson(submitted.reveal)},
            {"progress", progressJson(submitted.progress)},
            {"rescored", submitted.rescored},
            {"next", submitted.next ? Json{{"position", submitted.next->position},
                                           {"critique", submitted.next->critiqueId}}
                                    : Json()}};
}

void printSubmitted(const review::Submitted& submitted) {
    std::string out = "item " + std::to_string(submitted.item.position) + ": " +
                      (submitted.item.mine ? judgementWords(*submitted.item.mine) : "skipped") +
                      "\n";
    if (submitted.item.mine) {
        out += revealText(submitted.item, submitted.reveal);
    }
    if (submitted.rescored > 0) {
        out += "scored again: " + std::to_string(submitted.rescored) + " verdicts\n";
    }
    out += progressWords(submitted.progress);
    out += submitted.next ? "; next is item " + std::to_string(submitted.next->position) + "\n"
                          : "; nothing is open\n";
    print(out);
}

Expected<review::Submitted> annotateOnce(const ReviewItemArguments& arguments,
                                         review::Session& session) {
    const auto item = chosenItem(session, arguments.position, arguments.critique);
    if (!item) {
        return base::fail(item.error());
    }
    if (!*item) {
        return base::fail(ErrorCode::NotFound, "no item of the review plan is open",
                          "name one with --position or --critique");
    }
    const auto judgement = judgementOf(arguments.judgement, (*item)->hideVerdicts);
    return judgement ? session.submit((*item)->position, *judgement)
                     : Expected<review::Submitted>(base::fail(judgement.error()));
}

Expected<review::Submitted> annotateLine(const std::string& line, review::Session& session) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) {
        return base::fail(ErrorCode::Invalid, "not a JSON object");
    }
    const auto number = [&](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
    };
    const auto item = chosenItem(session, number("position"), number("critique"));
    if (!item) {
        return base::fail(item.error());
    }
    if (!*item) {
        return base::fail(ErrorCode::NotFound, "no item of the review plan is open");
    }
    const auto skip = json.find("skip");
    if (skip != json.end() && skip->is_boolean() && skip->get<bool>()) {
        return session.skip((*item)->position);
    }
    const auto judgement = judgementFrom(json);
    return judgement ? session.submit((*item)->position, *judgement)
                     : Expected<review::Submitted>(base::fail(judgement.error()));
}

// One judgement a line, in order; each is stored before it is answered.
Expected<int> annotateLines(const Session& session, const ReviewItemArguments& arguments,
                            review::Session& reviewer) {
    std::int64_t number = 0;
    bool anyBad = false;
    for (std::string line; !session.cancel.isCancelled() && std::getline(std::cin, line);) {
        ++number;
        if (base::trimmed(line).empty()) {
            continue;
        }
        const auto submitted = annotateLine(line, reviewer);
        if (!submitted) {
            const base::ErrorCode code = submitted.error().code;
            if (code != ErrorCode::Invalid && code != ErrorCode::NotFound) {
                return base::fail(submitted.error().withContext("line " + std::to_string(number)));
            }
            anyBad = true;
            if (arguments.json) {
                printJson({{"line", number}, {"error", submitted.error().text()}});
            } else {
                printNote("line " + std::to_string(number) + ": " + submitted.error().text());
            }
        } else if (arguments.json) {
            Json json = {{"line", number}};
            json.update(submittedJson(*submitted));
            printJson(json);
        } else {
            printSubmitted(*submitted);
        }
        pushOutput();
    }
    if (session.cancel.isCancelled()) {
        return base::fail(ErrorCode::Cancelled, "interrupted", "what was answered is kept");
    }
    return anyBad ? kFailed : kOk;
}

Expected<int> annotateItem(const Session& session, const ReviewItemArguments& arguments) {
    auto open = openReview(arguments);
    if (!open) {
        return base::fail(std::move(open.error()));
    }
    if (arguments.lines) {
        return annotateLines(session, arguments, *open->session);
    }
    const auto submitted = annotateOnce(arguments, *open->session);
    if (!submitted) {
        return base::fail(submitted.error());
    }
    if (arguments.json) {
        printJson(submittedJson(*submitted));
    } else if (!session.quiet) {
        printSubmitted(*submitted);
    }
    return kOk;
}

Expected<int> undoReview(const ReviewItemArguments& arguments) {
    auto open = openReview(arguments);
    if (!open) {
        return base::fail(std::move(open.error()));
    }
    for (int i = 0; i < arguments.count; ++i) {
        const auto undone = open->session->undo();
        if (!undone) {
            return base::fail(undone.error());
        }
        if (!*undone) {
            if (i > 0) {
                break;
            }
            return base::fail(ErrorCode::NotFound,
                              arguments.annotator + " has no judgement left to take back");
        }
        if (arguments.json) {
            printJson({{"item", reviewItemJson((*undone)->item)},
                       {"progress", progressJson((*undone)->progress)},
                       {"rescored", (*undone)->rescored}});
        } else {
            print("taken back at item " + std::to_string((*undone)->item.position) + "; " +
                  progressWords((*undone)->progress) + "\n");
        }
    }
    return kOk;
}

void addReviewer(CLI::App& command, ReviewItemArguments& arguments) {
    addWorkspace(command, arguments.workspace);
    command.add_option("plan", arguments.plan, "Name of the plan (default: the newest)")
        ->type_name("PLAN");
    command.add_option("--annotator", arguments.annotator, "Who judges")
        ->type_name("NAME")
        ->required();
}

void addPlace(CLI::App& command, ReviewItemArguments& arguments) {
    auto* position =
        command.add_option("--position", arguments.position, "This place of the plan, from 0")
            ->type_name("N")
            ->check(wholeFrom(0));
    command.add_option("--critique", arguments.critique, "The place of this critique")
        ->type_name("ID")
        ->excludes(position);
}

} // namespace

void addReviewItems(CLI::App& group, Session& session) {
    const auto next = std::make_shared<ReviewItemArguments>();
    CLI::App* showing = group.add_subcommand("next", "Show the next item to judge");
    addReviewer(*showing, *next);
    addPlace(*showing, *next);
    showing->add_flag("--skip", next->skip, "Skip it, to come back later, and show the one after");
    showing->add_flag("--skipped", next->skipped, "Show the first of the skipped ones");
    addJson(*showing, next->json, "Print one JSON object with the whole record");
    showing->footer("Steps count from 0 here, as in filters and in the options of annotate.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit review next study.scrit audit --annotator ada\n"
                    "  scrit review next study.scrit audit --annotator ada --skip\n"
                    "  scrit review next study.scrit --annotator ada --json | jq .record.problem");
    setAction(*showing, session, [next] { return nextReviewItem(*next); });

    const auto judge = std::make_shared<ReviewItemArguments>();
    CLI::App* judging = group.add_subcommand("annotate", "Judge an item, or many from a script");
    addReviewer(*judging, *judge);
    addPlace(*judging, *judge);
    addJudgementOptions(*judging, session, judge->judgement);
    judging->add_flag("--stdin", judge->lines,
                      "Read judgements from standard input, one JSON object a line");
    addJson(*judging, judge->json, "Print one JSON object a judgement");
    addQuiet(*judging, session);
    judging->footer(
        "Without --position and --critique the next open item is judged. Judging an item again\n"
        "replaces the judgement; both stay in the workspace. Each judgement is on the disk before\n"
        "it is answered. Keys of a line for --stdin: critique or position, agreement, validity,\n"
        "first_error, steps, correction, repaired_answer, tags, comment, seconds, skip.\n"
        "\n"
        "Examples:\n"
        "  scrit review annotate study.scrit audit --annotator ada --agree\n"
        "  scrit review annotate study.scrit audit --annotator ada --first-error 2 "
        "--correction unusable\n"
        "  scrit review annotate study.scrit audit --annotator ada --repair-answer 42 --tag odd\n"
        "  printf '%s\\n' '{\"critique\":17,\"validity\":\"invalid\",\"first_error\":2}' |\n"
        "    scrit review annotate study.scrit audit --annotator ada --stdin --json");
    setAction(*judging, session, [&session, judge] { return annotateItem(session, *judge); });

    const auto undo = std::make_shared<ReviewItemArguments>();
    CLI::App* undoing = group.add_subcommand("undo", "Take back the newest judgement or skip");
    addReviewer(*undoing, *undo);
    undoing->add_option("--count", undo->count, "So many, the newest first")
        ->type_name("N")
        ->check(wholeFrom(1));
    addJson(*undoing, undo->json, "Print one JSON object for each");
    undoing->footer("Examples:\n"
                    "  scrit review undo study.scrit audit --annotator ada\n"
                    "  scrit review undo study.scrit audit --annotator ada --count 3");
    setAction(*undoing, session, [undo] { return undoReview(*undo); });
}

} // namespace scrit::cli
