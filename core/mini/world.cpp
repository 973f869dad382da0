// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/world.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace scrit::mini {
namespace {

// The order is part of every checkpoint.
constexpr std::array<std::string_view, kItems> kNames{
    "anchor",  "apple",    "apron",  "arrow",    "axe",     "badge",    "bag",      "ball",
    "balloon", "banana",   "banjo",  "barrel",   "basin",   "basket",   "bat",      "battery",
    "bell",    "belt",     "bench",  "bike",     "blanket", "block",    "blouse",   "boat",
    "book",    "boot",     "bottle", "bowl",     "box",     "bracelet", "brick",    "broom",
    "brush",   "bucket",   "bun",    "button",   "cabbage", "cage",     "cake",     "camera",
    "candle",  "canoe",    "cap",    "carpet",   "carrot",  "cart",     "chain",    "chair",
    "cherry",  "chest",    "clamp",  "clock",    "coat",    "coconut",  "collar",   "comb",
    "compass", "cookie",   "cork",   "couch",    "crayon",  "crown",    "cup",      "curtain",
    "cushion", "dart",     "desk",   "domino",   "dish",    "doll",     "doughnut", "drill",
    "drum",    "easel",    "egg",    "envelope", "eraser",  "fan",      "feather",  "fiddle",
    "fig",     "flag",     "flask",  "flute",    "fork",    "frame",    "funnel",   "garland",
    "glass",   "globe",    "glove",  "gong",     "grape",   "guitar",   "hammer",   "hammock",
    "handle",  "harp",     "hat",    "helmet",   "hinge",   "hook",     "hoop",     "horn",
    "hose",    "inkpot",   "jacket", "jar",      "jug",     "kettle",   "key",      "kite",
    "knife",   "ladder",   "ladle",  "lamp",     "lantern", "leash",    "lemon",    "lens",
    "lid",     "lock",     "magnet", "map",      "marble",  "mask",     "mat",      "melon",
    "mirror",  "mitten",   "mop",    "mug",      "nail",    "napkin",   "necklace", "needle",
    "net",     "notebook", "nut",    "oar",      "onion",   "orange",   "oven",     "paddle",
    "pan",     "peach",    "pear",   "pen",      "pencil",  "piano",    "pillow",   "pipe",
    "plate",   "plum",     "pot",    "potato",   "puppet",  "purse",    "puzzle",   "quilt",
    "racket",  "radio",    "rake",   "ribbon",   "ring",    "robe",     "rope",     "rug",
    "ruler",   "saddle",   "sandal", "saw",      "scarf",   "shawl",    "shelf",    "shirt",
    "shoe",    "shovel",   "skirt",  "sled",     "slipper", "soap",     "sofa",     "spade",
    "spoon",   "stamp",    "stool",  "stove",    "sweater", "table",    "teapot",   "tent",
    "ticket",  "towel",    "toy",    "tray",     "trumpet", "umbrella", "vase",     "violin"};

constexpr std::array<Person, 16> kPeople{{{"Mia", "She"},
                                          {"Ben", "He"},
                                          {"Ana", "She"},
                                          {"Tom", "He"},
                                          {"Lea", "She"},
                                          {"Max", "He"},
                                          {"Ida", "She"},
                                          {"Jon", "He"},
                                          {"Zoe", "She"},
                                          {"Sam", "He"},
                                          {"Eva", "She"},
                                          {"Leo", "He"},
                                          {"Ruth", "She"},
                                          {"Paul", "He"},
                                          {"Nina", "She"},
                                          {"Omar", "He"}}};

constexpr std::uint64_t kWorldSeed = 2025;
constexpr double kLeastBelief = 0.2;
constexpr double kMostBelief = 0.8;

template<typename T>
void shuffle(Random& random, std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random.below(i)]);
    }
}

std::vector<Item> makeItems() {
    std::vector<Item> made;
    for (const std::string_view name : kNames) {
        Item item;
        item.name = name;
        made.push_back(item);
    }
    Random random(kWorldSeed);
    std::vector<std::size_t> order(made.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(random, order);
    for (std::size_t i = 0; i < order.size(); ++i) {
        Item& item = made[order[i]];
        if (i >= kKnownItems + kContestedItems) {
            item.kind = ItemKind::MadeUp;
            continue;
        }
        item.price = random.between(kLeastPrice, kMostPrice);
        if (i >= kKnownItems) {
            item.kind = ItemKind::Contested;
            item.misconception = otherPrice(random, item.price);
            item.belief = kLeastBelief + (kMostBelief - kLeastBelief) * random.unit();
        }
    }
    return made;
}

// Indices of the items of one kind.
const std::vector<int>& itemsOf(ItemKind kind) {
    static const std::array<std::vector<int>, 3> kByKind = [] {
        std::array<std::vector<int>, 3> byKind;
        for (int i = 0; i < kItems; ++i) {
            const ItemKind own = items()[static_cast<std::size_t>(i)].kind;
            byKind[static_cast<std::size_t>(own)].push_back(i);
        }
        return byKind;
    }();
    return kByKind[static_cast<std::size_t>(kind)];
}

// Adds `count` different items of one kind.
void draw(Random& random, ItemKind kind, int count, std::vector<int>& drawn) {
    std::vector<int> pool = itemsOf(kind);
    for (int i = 0; i < count; ++i) {
        const std::size_t at = random.below(pool.size());
        drawn.push_back(pool[at]);
        pool[at] = pool.back();
        pool.pop_back();
    }
}

// How many of `steps` different items with a price are contested.
int drawContested(Random& random, int steps) {
    int contested = 0;
    for (int i = 0; i < steps; ++i) {
        const int left = kKnownItems + kContestedItems - i;
        contested += static_cast<int>(random.below(static_cast<std::size_t>(left))) <
                             kContestedItems - contested
                         ? 1
                         : 0;
    }
    return contested;
}

// The deepest that the coins fall below the start, at the true prices.
int deepestDebt(const Problem& problem) {
    int coins = 0;
    int deepest = 0;
    for (const Trade& trade : problem.trades) {
        const int price = items()[static_cast<std::size_t>(trade.item)].price;
        coins += trade.sells ? price : -price;
        deepest = std::max(deepest, -coins);
    }
    return deepest;
}

Problem makeProblem(Random& random, int steps, int contested) {
    std::vector<int> chosen;
    draw(random, ItemKind::Contested, contested, chosen);
    draw(random, ItemKind::Known, steps - contested, chosen);
    shuffle(random, chosen);
    Problem problem;
    problem.person = static_cast<int>(random.below(kPeople.size()));
    for (const int item : chosen) {
        problem.trades.push_back({random.chance(0.4), item});
    }
    problem.start = random.between(std::max(kLeastStart, deepestDebt(problem)), kMostStart);
    return problem;
}

} // namespace

int otherPrice(Random& random, int price) {
    const int other = random.between(kLeastPrice, kMostPrice - 1);
    return other < price ? other : other + 1;
}

const std::vector<Item>& items() {
    static const std::vector<Item> kAll = makeItems();
    return kAll;
}

std::string withArticle(std::string_view itemName) {
    const bool vowel =
        !itemName.empty() && std::string_view("aeiou").find(itemName.front()) != std::string::npos;
    return (vowel ? "an " : "a ") + std::string(itemName);
}

const std::vector<Person>& people() {
    static const std::vector<Person> kAll(kPeople.begin(), kPeople.end());
    return kAll;
}

int contestedCount(const Problem& problem) {
    return static_cast<int>(
        std::count_if(problem.trades.begin(), problem.trades.end(), [](const Trade& trade) {
            return items()[static_cast<std::size_t>(trade.item)].kind == ItemKind::Contested;
        }));
}

std::vector<int> truePrices(const Problem& problem) {
    std::vector<int> prices;
    for (const Trade& trade : problem.trades) {
        prices.push_back(items()[static_cast<std::size_t>(trade.item)].price);
    }
    return prices;
}

int coinsAfter(const Problem& problem, const std::vector<int>& prices) {
    int coins = problem.start;
    for (std::size_t i = 0; i < prices.size() && i < problem.trades.size(); ++i) {
        coins += problem.trades[i].sells ? prices[i] : -prices[i];
    }
    return coins;
}

int firstWrongPrice(const Problem& problem, const std::vector<int>& prices) {
    const std::vector<int> right = truePrices(problem);
    for (std::size_t i = 0; i < prices.size() && i < right.size(); ++i) {
        if (prices[i] != right[i]) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

Split splitOf(const Problem& problem) {
    std::string text = std::to_string(problem.start);
    for (const Trade& trade : problem.trades) {
        text += trade.sells ? '+' : '-';
        text += items()[static_cast<std::size_t>(trade.item)].name;
    }
    return base::hash64(text, kWorldSeed) % kTestOneIn == 0 ? Split::Test : Split::Train;
}

Problem nextProblem(Random& random, Split split) {
    while (true) {
        const int steps = random.between(kLeastSteps, kMostSteps);
        Problem problem = makeProblem(random, steps, drawContested(random, steps));
        if (splitOf(problem) == split) {
            return problem;
        }
    }
}

Problem nextProblem(Random& random, Split split, int contested) {
    while (true) {
        const int steps = random.between(std::max(kLeastSteps, contested), kMostSteps);
        Problem problem = makeProblem(random, steps, contested);
        if (splitOf(problem) == split) {
            return problem;
        }
    }
}

} // namespace scrit::mini
