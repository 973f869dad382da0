// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/export_options.h"

#include "app/cli/validators.h"

#include <charconv>

namespace scrit::cli {
namespace {

base::Expected<curate::Order> rowOrderOf(const std::string& text) {
    using curate::Order;
    for (const Order order : {Order::Stored, Order::EasyFirst, Order::HardFirst, Order::Random}) {
        if (curate::name(order) == text) {
            return order;
        }
    }
    return base::fail(base::ErrorCode::Invalid, "unknown order \"" + text + "\"");
}

} // namespace

base::Expected<loop::ExportJobOptions> curationOf(const CurationArguments& arguments) {
    loop::ExportJobOptions options = arguments.options;
    options.softwareVersion = SCRIT_VERSION;
    const base::Expected<curate::Order> order = rowOrderOf(arguments.order);
    if (!order) {
        return base::fail(order.error());
    }
    options.order = *order;
    if (!arguments.balance.empty()) {
        const auto balance = loop::parseBalance(arguments.balance);
        if (!balance) {
            return base::fail(balance.error());
        }
        options.balance = *balance;
    }
    if (!arguments.near.empty()) {
        double threshold = 0;
        const char* end = arguments.near.data() + arguments.near.size();
        const auto [stop, error] = std::from_chars(arguments.near.data(), end, threshold);
        if (error != std::errc() || stop != end) {
            return base::fail(base::ErrorCode::Invalid,
                              "--near-duplicates takes a similarity, not " + arguments.near,
                              "0.8 is a good start");
        }
        options.nearDuplicates = threshold;
    }
    for (const std::string& text : arguments.decontaminate) {
        base::Expected<loop::EvaluationSet> set = loop::parseEvaluationSet(text);
        if (!set) {
            return base::fail(set.error());
        }
        options.evaluationSets.push_back(std::move(*set));
    }
    return options;
}

void addCurationOptions(CLI::App& command, Session& session, CurationArguments& arguments) {
    loop::ExportJobOptions& options = arguments.options;
    command.add_option("--filter", options.filter, "Only critiques that this filter takes")
        ->type_name("EXPR");
    command.add_flag("--keep-held-out", options.keepHeldOut,
                     "Keep problems of frozen evaluation sets, also in views for training");
    command.add_flag("--keep-leaks", options.keepLeaks,
                     "Keep targets that mention the reference solution");
    command.add_flag("--keep-copies", options.keepCopies,
                     "Keep targets that copy long spans of the reference solution");
    command
        .add_option("--decontaminate", arguments.decontaminate,
                    "Drop what shares 13 words in a row with a problem of this evaluation set: "
                    "filter:EXPR (problems of the workspace), frozen:NAME or file:PATH; may be "
                    "repeated")
        ->type_name("SET")
        ->allow_extra_args(false);
    command.add_flag("--drop-duplicates", options.dropDuplicates,
                     "Drop exact duplicates of problem, solution and target");
    command
        .add_option("--near-duplicates", arguments.near,
                    "Drop near duplicates from this similarity on (above 0, at most 1; by shingles "
                    "of 5 words)")
        ->type_name("X");
    command
        .add_option("--per-source", options.perSource, "At most so many critiques of each data set")
        ->type_name("N");
    command
        .add_option("--per-student", options.perStudent,
                    "At most so many critiques of each student's solutions")
        ->type_name("N");
    command
        .add_option("--balance", arguments.balance,
                    "Critiques that conclude correct to incorrect, e.g. 1:1")
        ->type_name("A:B");
    addChoice(command, session, "--order", arguments.order,
              {"stored", "easy-first", "hard-first", "random"},
              "Order of the rows; a problem is the harder the more different answers its students "
              "gave");
    command
        .add_option("--examples", options.examples,
                    "At most so many altogether, by the balance (not for views of pairs)")
        ->type_name("N");
    command
        .add_option("--validation-share", options.validationShare,
                    "Share of the problems that goes to a validation split")
        ->type_name("X")
        ->check(numberWithin(0.0, 1.0));
    command
        .add_option("--test-share", options.testShare,
                    "Share of the problems that goes to a test split")
        ->type_name("X")
        ->check(numberWithin(0.0, 1.0));
    command.add_option("--seed", options.seed, "Seed of everything random")
        ->type_name("N")
        ->check(wholeFrom(0));
}

} // namespace scrit::cli
