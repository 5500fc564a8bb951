// The list of marks is walked as the linker laid it out.
#include "core/base/sometimes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wavetank {
namespace {

void visit(int place) {
    if (place == 1) SOMETIMES("place one");
    if (place == 2) SOMETIMES("place two");
    if (place == 3) SOMETIMES("place three");
}

std::set<std::string> reached() {
    std::set<std::string> names;
    for (const SometimesMark* mark : sometimes_marks()) {
        if (mark->reached) names.insert(mark->name);
    }
    return names;
}

TEST(Sometimes, AllMarksAreListedAndTheReachedOnesKnown) {
    EXPECT_EQ(sometimes_marks().size(), 3u);
    for (const SometimesMark* mark : sometimes_marks()) {
        EXPECT_TRUE(std::string(mark->name).starts_with("place "));
    }
    reset_sometimes();
    visit(1);
    visit(3);
    EXPECT_EQ(reached(), (std::set<std::string>{"place one", "place three"}));
    reset_sometimes();
    EXPECT_TRUE(reached().empty());
}

}  // namespace
}  // namespace wavetank
