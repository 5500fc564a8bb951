// Every pair is covered, in few rows, always the same ones.
#include "scenarios/generate/covering_array.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace wavetank {
namespace {

// Enumerates all pairs of values of different factors and looks for each in the rows.
void expect_every_pair(const std::vector<uint32_t>& values, const std::vector<CoveringRow>& rows) {
    for (const CoveringRow& row : rows) {
        ASSERT_EQ(row.size(), values.size());
        for (std::size_t f = 0; f < row.size(); ++f) EXPECT_LT(row[f], values[f]);
    }
    for (std::size_t f = 0; f < values.size(); ++f) {
        for (std::size_t g = f + 1; g < values.size(); ++g) {
            for (uint32_t v = 0; v < values[f]; ++v) {
                for (uint32_t w = 0; w < values[g]; ++w) {
                    bool found = false;
                    for (const CoveringRow& row : rows) found |= row[f] == v && row[g] == w;
                    EXPECT_TRUE(found) << f << "=" << v << " never meets " << g << "=" << w;
                }
            }
        }
    }
}

TEST(CoveringArray, CoversEveryPairInFewRows) {
    const struct {
        std::vector<uint32_t> values;
        std::size_t rows_max;  // all combinations would be their product
    } cases[] = {
        {{2, 2}, 4},
        {{3, 4}, 12},
        {{2, 2, 2}, 4},
        {{1, 2, 1, 3}, 6},
        {{2, 2, 2, 2, 2, 2, 2, 2}, 9},
        {{3, 3, 3, 3}, 12},
        {{2, 2, 3, 3, 2, 2, 2, 2}, 12},
        {{5, 4, 3, 2, 5, 4, 3, 2}, 36},
    };
    for (const auto& [values, rows_max] : cases) {
        const std::vector<CoveringRow> rows = covering_array(values);
        expect_every_pair(values, rows);
        EXPECT_LE(rows.size(), rows_max);
        EXPECT_EQ(rows, covering_array(values));
        EXPECT_EQ(std::set<CoveringRow>(rows.begin(), rows.end()).size(), rows.size());
    }
}

TEST(CoveringArray, FirstRowHasTheFirstValues) {
    EXPECT_EQ(covering_array({2, 3, 2}).front(), (CoveringRow{0, 0, 0}));
}

TEST(CoveringArray, OfFewFactors) {
    EXPECT_EQ(covering_array({}), (std::vector<CoveringRow>{{}}));
    EXPECT_EQ(covering_array({3}), (std::vector<CoveringRow>{{0}, {1}, {2}}));
}

}  // namespace
}  // namespace wavetank
