// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/language.h"

#include "core/base/text.h"
#include "core/mini/critique_text.h"
#include "core/mini/phrases.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <array>
#include <optional>

namespace scrit::mini {
namespace {

tl::unexpected<base::Error> foreign(std::string what) {
    return base::fail(base::ErrorCode::Invalid,
                      "the builtin miniature only knows the shopping problems of its own world: " +
                          std::move(what),
                      "ask it about problems of the source \"miniature\", or choose another model");
}

std::string tradeText(const Trade& trade) {
    return (trade.sells ? "sells " : "buys ") +
           withArticle(items()[static_cast<std::size_t>(trade.item)].name);
}

std::optional<int> itemAt(TextReader& reader) {
    const std::string_view word = reader.word();
    for (std::size_t i = 0; i < items().size(); ++i) {
        if (items()[i].name == word) {
            reader.skip(word.size());
            return static_cast<int>(i);
        }
    }
    return std::nullopt;
}

// The problem that begins where the reader stands.
std::optional<Problem> problemAt(std::string_view text) {
    for (std::size_t i = 0; i < people().size(); ++i) {
        TextReader reader(text);
        if (!reader.take(people()[i].name) || !reader.take("has")) {
            continue;
        }
        Problem problem;
        problem.person = static_cast<int>(i);
        const std::optional<int> start = reader.number();
        if (!start || *start >= token::kNumbers) {
            return std::nullopt;
        }
        problem.start = *start;
        if (!reader.take("coins. At the market") ||
            !reader.take(base::lowerAscii(people()[i].pronoun))) {
            return std::nullopt;
        }
        while (problem.trades.size() < kMostSteps) {
            reader.take("and");
            const bool sells = reader.take("sells");
            if ((!sells && !reader.take("buys")) || (!reader.take("an") && !reader.take("a"))) {
                break;
            }
            const std::optional<int> item = itemAt(reader);
            if (!item) {
                return std::nullopt;
            }
            problem.trades.push_back({sells, *item});
            reader.take(",");
        }
        // What was passed over above is looked at here.
        TextReader whole(text);
        return !problem.trades.empty() && whole.take(problemText(problem))
                   ? std::optional(std::move(problem))
                   : std::nullopt;
    }
    return std::nullopt;
}

// The first problem that occurs in a normalised text.
std::optional<Problem> problemIn(std::string_view text) {
    for (std::size_t at = text.find(" has "); at != std::string_view::npos;
         at = text.find(" has ", at + 1)) {
        const std::size_t space = text.substr(0, at).find_last_of(" \n");
        const std::size_t begin = space == std::string_view::npos ? 0 : space + 1;
        if (std::optional<Problem> problem = problemAt(text.substr(begin))) {
            return problem;
        }
    }
    return std::nullopt;
}

constexpr std::size_t kWhole = 0;
constexpr std::size_t kMathProblem = 1;
constexpr std::size_t kReferenceText = 2;
constexpr std::size_t kStudentText = 3;
constexpr std::size_t kCorrectText = 4;
using Sections = std::array<std::optional<std::string>, 5>;

// The parts of a prompt under the headings that are known; text before the first is kWhole.
Sections sectionsOf(std::string_view text) {
    constexpr std::array<std::string_view, 5> kHeadings{
        "", "## math problem", "## reference solution", "## student solution",
        "## correct solution"};
    Sections sections;
    std::size_t current = kWhole;
    sections[kWhole].emplace();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = base::lowerAscii(base::trimmed(text.substr(at, end - at)));
        const auto heading = std::find(kHeadings.begin() + 1, kHeadings.end(), line);
        if (heading != kHeadings.end()) {
            current = static_cast<std::size_t>(heading - kHeadings.begin());
            sections[current].emplace();
        } else {
            *sections[current] += text.substr(at, end - at);
            *sections[current] += '\n';
        }
        at = end + 1;
    }
    return sections;
}

base::Expected<std::vector<Token>> solutionIn(const Problem& problem, const std::string& section,
                                              std::string_view whose) {
    base::Expected<std::vector<Token>> tokens = solutionTokens(problem, section);
    return tokens ? std::move(tokens) : base::fail(tokens.error().withContext(whose));
}

void appendSolution(std::vector<Token>& tokens, Token opener, std::span<const Token> solution) {
    tokens.push_back(opener);
    if (!solution.empty() && solution.back() == token::kEnd) {
        solution = solution.first(solution.size() - 1);
    }
    tokens.insert(tokens.end(), solution.begin(), solution.end());
}

} // namespace

std::string problemText(const Problem& problem) {
    const Person& person = people()[static_cast<std::size_t>(problem.person)];
    const std::string pronoun = base::lowerAscii(person.pronoun);
    std::string text = std::string(person.name) + " has " + std::to_string(problem.start) +
                       " coins. At the market " + pronoun + ' ';
    for (std::size_t i = 0; i < problem.trades.size(); ++i) {
        const bool last = i + 1 == problem.trades.size();
        text += i == 0 ? "" : last ? " and " : ", ";
        text += tradeText(problem.trades[i]);
    }
    return text + (problem.trades.size() == 1 ? ", at its" : ", each at its") +
           " usual price. How many coins does " + pronoun + " have in the end?";
}

base::Expected<Problem> readProblem(std::string_view text) {
    const std::string plain = normalised(text);
    std::optional<Problem> problem = problemAt(plain);
    if (!problem || normalised(problemText(*problem)) != plain) {
        return foreign("this is none of them: " + base::excerpt(text, 60));
    }
    return std::move(*problem);
}

std::string solutionText(const Problem& problem, std::span<const Token> solution) {
    return solutionParts(problem, solution).text;
}

base::Expected<std::vector<Token>> solutionTokens(const Problem& problem, std::string_view text) {
    const std::string plain = normalised(text);
    TextReader reader(plain);
    std::vector<Token> tokens;
    readSolution(problem, reader, tokens);
    if (!readTail(reader, tokens)) {
        return foreign("this is no step of a solution: " + base::excerpt(reader.rest(), 60));
    }
    if (tokens.empty()) {
        return foreign("the solution is empty");
    }
    return tokens;
}

std::vector<Token> solutionOf(const std::vector<int>& prices) {
    std::vector<Token> tokens;
    for (const int price : prices) {
        tokens.push_back(token::kStep);
        tokens.push_back(numberToken(price));
    }
    tokens.push_back(token::kEnd);
    return tokens;
}

std::vector<int> pricesOf(std::span<const Token> solution) {
    std::vector<int> prices;
    for (std::size_t i = 0; i + 1 < solution.size() && solution[i] == token::kStep; i += 2) {
        const std::optional<int> price = numberOf(solution[i + 1]);
        if (!price) {
            break;
        }
        prices.push_back(*price);
    }
    return prices;
}

base::Expected<Request> readRequest(std::string_view userText) {
    const Sections sections = sectionsOf(userText);
    const bool headed = sections[kMathProblem].has_value();
    const std::string plain = normalised(headed ? *sections[kMathProblem] : *sections[kWhole]);
    const std::optional<Problem> problem = problemIn(plain);
    if (!problem) {
        return foreign("the request holds none of them: " + base::excerpt(plain, 60));
    }
    Request request;
    request.problem = *problem;
    const auto read = [&](std::size_t section, std::string_view whose,
                          std::vector<Token>& into) -> base::Expected<void> {
        base::Expected<std::vector<Token>> tokens = solutionIn(*problem, *sections[section], whose);
        if (!tokens) {
            return base::fail(std::move(tokens.error()));
        }
        into = std::move(*tokens);
        return {};
    };
    base::Expected<void> done;
    if (sections[kCorrectText]) {
        request.task = Task::Inject;
        done = read(kCorrectText, "the correct solution", request.reference);
    } else if (sections[kStudentText]) {
        request.task = sections[kReferenceText] ? Task::Contrastive : Task::Direct;
        done = read(kStudentText, "the student's solution", request.student);
        if (done && sections[kReferenceText]) {
            done = read(kReferenceText, "the reference", request.reference);
        }
    } else if (sections[kReferenceText]) {
        done = foreign("the request has a reference but no student's solution");
    }
    return done ? base::Expected<Request>(std::move(request)) : base::fail(done.error());
}

std::vector<Token> promptTokens(const Request& request) {
    constexpr std::array kOpeners{token::kSolve, token::kDirect, token::kContrast, token::kInject};
    std::vector<Token> tokens{kOpeners[static_cast<std::size_t>(request.task)], token::kProblem,
                              numberToken(request.problem.start)};
    for (const Trade& trade : request.problem.trades) {
        tokens.push_back(trade.sells ? token::kSells : token::kBuys);
        tokens.push_back(itemToken(trade.item));
    }
    if (request.task == Task::Contrastive || request.task == Task::Inject) {
        appendSolution(tokens, token::kReference, request.reference);
    }
    if (request.task == Task::Contrastive || request.task == Task::Direct) {
        appendSolution(tokens, token::kStudent, request.student);
    }
    tokens.push_back(request.task == Task::Solve ? token::kSolution : token::kCritique);
    return tokens;
}

std::string answerText(const Request& request, std::span<const Token> answer) {
    switch (request.task) {
    case Task::Solve:
        break;
    case Task::Direct:
    case Task::Contrastive:
        return critiqueText(request, answer);
    case Task::Inject:
        return injectionText(request, answer);
    }
    return solutionText(request.problem, answer);
}

base::Expected<std::vector<Token>> answerTokens(const Request& request, std::string_view text) {
    const std::string plain = normalised(text);
    TextReader reader(plain);
    std::vector<Token> tokens;
    switch (request.task) {
    case Task::Solve:
        readSolution(request.problem, reader, tokens);
        break;
    case Task::Direct:
    case Task::Contrastive:
        readCritique(request, reader, tokens);
        break;
    case Task::Inject:
        readInjection(request, reader, tokens);
        break;
    }
    if (!readTail(reader, tokens)) {
        return foreign("its answers say no such thing: " + base::excerpt(reader.rest(), 60));
    }
    return tokens;
}

base::Expected<Sequence> trainingSequence(std::string_view userText,
                                          std::string_view assistantText) {
    const base::Expected<Request> request = readRequest(userText);
    if (!request) {
        return base::fail(request.error());
    }
    const base::Expected<std::vector<Token>> answer = answerTokens(*request, assistantText);
    if (!answer) {
        return base::fail(answer.error());
    }
    if (answer->empty()) {
        return foreign("there is no answer to learn");
    }
    Sequence sequence;
    sequence.tokens = promptTokens(*request);
    sequence.learnedBegin = sequence.tokens.size();
    sequence.tokens.insert(sequence.tokens.end(), answer->begin(), answer->end());
    return sequence;
}

} // namespace scrit::mini
