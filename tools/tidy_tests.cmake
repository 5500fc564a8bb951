# The rules of the house as tests: included by tools/CMakeLists.txt.
add_test(NAME tidy COMMAND ${CMAKE_SOURCE_DIR}/tools/tidy)
add_test(NAME tidy_self_test COMMAND ${CMAKE_SOURCE_DIR}/tools/tidy --self-test)
set_tests_properties(tidy tidy_self_test PROPERTIES TIMEOUT 60)
