// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/random.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The miniature's world: things with a price, common misconceptions about some of the prices, and
// shopping problems whose steps need prices that they do not state. It is the same in every program
// and never changes: the shipped weights know it by heart. Pure functions, any thread.
namespace scrit::mini {

inline constexpr int kKnownItems = 96;     // everybody knows their price
inline constexpr int kContestedItems = 64; // a misconception is about
inline constexpr int kMadeUpItems = 40;    // without a price of their own: a document gives one
inline constexpr int kItems = kKnownItems + kContestedItems + kMadeUpItems;
inline constexpr int kLeastPrice = 1;
inline constexpr int kMostPrice = 9;
inline constexpr int kLeastSteps = 3; // of a problem
inline constexpr int kMostSteps = 6;
inline constexpr int kLeastStart = 20; // coins
inline constexpr int kMostStart = 60;

// Any price but this one.
[[nodiscard]] int otherPrice(Random& random, int price);

enum class ItemKind { Known, Contested, MadeUp };

struct Item {
    std::string_view name; // singular, lower case, without article
    ItemKind kind = ItemKind::Known;
    int price = 0;         // the true one; 0 for made-up items
    int misconception = 0; // contested items: the other price, always the same one; else 0
    double belief = 0;     // contested items: the share of authors who believe it
};

// Index = the item's number everywhere (vocabulary, problems).
[[nodiscard]] const std::vector<Item>& items();
// "a hat", "an apple".
[[nodiscard]] std::string withArticle(std::string_view itemName);

struct Person {
    std::string_view name;
    std::string_view pronoun; // She, He
};
[[nodiscard]] const std::vector<Person>& people();

struct Trade {
    bool sells = false; // false: buys
    int item = 0;       // index into items()
    friend bool operator==(const Trade&, const Trade&) = default;
};

struct Problem {
    int person = 0; // index into people(); for readers only, it changes nothing
    int start = 0;  // coins
    std::vector<Trade> trades;
    friend bool operator==(const Problem&, const Problem&) = default;
};

// How many of the problem's prices are contested: its difficulty.
[[nodiscard]] int contestedCount(const Problem& problem);
[[nodiscard]] std::vector<int> truePrices(const Problem& problem);
// The coins after the first `prices.size()` trades at these prices, however odd they are.
[[nodiscard]] int coinsAfter(const Problem& problem, const std::vector<int>& prices);
// The first step (from 0) whose price is not the true one, or −1.
[[nodiscard]] int firstWrongPrice(const Problem& problem, const std::vector<int>& prices);

// A problem belongs to one of the two for ever: told by a hash of what it asks, the person aside,
// so that no problem of a test set can occur in training.
enum class Split { Train, Test };
[[nodiscard]] Split splitOf(const Problem& problem);
inline constexpr int kTestOneIn = 5;

// The next problem of that split: kLeastSteps to kMostSteps trades of different items with a price,
// never in debt at the true prices.
[[nodiscard]] Problem nextProblem(Random& random, Split split);
// One with exactly that many contested prices (0 … kMostSteps).
[[nodiscard]] Problem nextProblem(Random& random, Split split, int contested);

} // namespace scrit::mini
