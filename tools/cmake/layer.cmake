# wavetank_layer(NAME core/raft SOURCES a.cc ... DEPS core/base ... [LIBS lib ...] [PROTOS x.proto ...])
#
# Makes everything a layer consists of:
#   - a static library wavetank_core_raft that sees only the layers in DEPS and the outside LIBS;
#   - a header-alone check: every header of the folder is compiled by itself;
#   - a test program core_raft_test of all test/*_test.cc, registered with ctest test by test.
# Headers are not listed: they are all *.h of the folder (not of its subfolders).
function(wavetank_layer)
    cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS;LIBS;PROTOS;TEST_DEPS" ${ARGN})
    string(REPLACE "/" "_" id ${ARG_NAME})
    set(target wavetank_${id})

    set(dep_targets)
    foreach(dep ${ARG_DEPS})
        string(REPLACE "/" "_" dep_id ${dep})
        list(APPEND dep_targets wavetank_${dep_id})
    endforeach()

    if(ARG_SOURCES)
        add_library(${target} STATIC ${ARG_SOURCES})
        target_link_libraries(${target} PUBLIC wavetank_options ${dep_targets} ${ARG_LIBS})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE wavetank_options ${dep_targets} ${ARG_LIBS})
    endif()

    if(ARG_PROTOS)
        # Generated code is compiled apart, without our warnings.
        protobuf_generate_cpp(proto_sources proto_headers ${ARG_PROTOS})
        add_library(${target}_proto STATIC ${proto_sources})
        target_include_directories(${target}_proto SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR} ${Protobuf_INCLUDE_DIRS})
        target_link_libraries(${target}_proto PUBLIC protobuf::libprotobuf)
        target_link_libraries(${target} PUBLIC ${target}_proto)
    endif()

    wavetank_header_check(${target})
    file(GLOB test_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/*_test.cc)
    if(test_sources)
        wavetank_test(${id}_test ${target} "${test_sources}" "${ARG_TEST_DEPS}")
    endif()
endfunction()

# Compiles each header of the current folder alone, so that none leans on its includer.
function(wavetank_header_check target)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
    set(checks)
    foreach(header ${headers})
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${header})
        string(REPLACE "/" "_" name ${path})
        set(check ${CMAKE_CURRENT_BINARY_DIR}/header_check/${name}.cc)
        file(GENERATE OUTPUT ${check} CONTENT "#include \"${path}\"\n")
        list(APPEND checks ${check})
    endforeach()
    if(checks)
        add_library(${target}_headers OBJECT ${checks})
        target_compile_options(${target}_headers PRIVATE -fsyntax-only)
        target_link_libraries(${target}_headers PRIVATE ${target})
        set_target_properties(${target}_headers PROPERTIES CXX_COMPILER_LAUNCHER "" EXCLUDE_FROM_ALL ON)
        add_dependencies(header_checks ${target}_headers)
    endif()
endfunction()

add_custom_target(header_checks)

# One GoogleTest program; shared data with known verdicts is found through WAVETANK_SHARED_DIR.
function(wavetank_test name target sources extra_deps)
    add_executable(${name} ${sources})
    set(extra)
    foreach(dep ${extra_deps})
        string(REPLACE "/" "_" dep_id ${dep})
        list(APPEND extra wavetank_${dep_id})
    endforeach()
    target_link_libraries(${name} PRIVATE ${target} ${extra} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE
        WAVETANK_SOURCE_DIR="${CMAKE_SOURCE_DIR}" WAVETANK_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
    include(GoogleTest)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endfunction()
