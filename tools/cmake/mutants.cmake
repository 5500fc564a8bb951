# Mutants: programs with one known defect each, made from scenarios/bugs/<id>.patch (see tools/mutants).
#
# A mutant costs a compile for each patched file (mostly one) and a link: the objects of these stand on
# the link line before the static libraries, so the linker takes them instead of the archive members of
# the same name. The rest is the objects and libraries of `wavetank` itself. That works because each
# .cc is one member and defines the same symbols as before; therefore a patch may not touch a header,
# whose users would have to be compiled again. A patch that does not apply exactly fails the build.
#
# Included from the top it makes the target `mutants` and the slow test of that name. As a script it
# applies one patch:  cmake -DPATCH=file -DSOURCE=folder -DTARGET=folder -DFILES=a.cc,b.cc -P this file

# The files a patch changes, as it names them after b/.
function(wavetank_patched_files patch result)
    file(STRINGS ${patch} lines REGEX "^\\+\\+\\+ b/")
    list(TRANSFORM lines REPLACE "^\\+\\+\\+ b/([^ \t]+).*$" "\\1")
    set(${result} ${lines} PARENT_SCOPE)
endfunction()

function(wavetank_apply_mutant)
    cmake_path(GET PATCH FILENAME name)
    string(REPLACE "," ";" files "${FILES}")
    if(NOT files)
        message(FATAL_ERROR "mutant ${name} changes no file: it must be a unified diff with paths "
            "a/core/... and b/core/...")
    endif()
    foreach(file ${files})
        if(NOT file MATCHES "^core/.*\\.cc$")
            message(FATAL_ERROR "mutant ${name} changes ${file}, but only .cc files of core/ can be "
                "mutated: find the defect's place in a .cc")
        endif()
        if(NOT EXISTS ${SOURCE}/${file})
            message(FATAL_ERROR "mutant ${name} changes ${file}, which is not there (any more): "
                "make the patch again against the present core")
        endif()
        # Made anew, so that a patch is never applied twice.
        file(REMOVE ${TARGET}/${file})
        configure_file(${SOURCE}/${file} ${TARGET}/${file} COPYONLY)
    endforeach()
    execute_process(
        COMMAND patch -p1 --fuzz=0 --batch --forward --no-backup-if-mismatch --reject-file=-
                --directory=${TARGET} --input=${PATCH}
        RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT code EQUAL 0)
        foreach(file ${files})
            file(REMOVE ${TARGET}/${file})
        endforeach()
        message(FATAL_ERROR "mutant ${name} does not apply to ${FILES}:\n${output}\n"
            "The code it changes has moved on. Read in its first lines which defect it is, put that "
            "into the present code by hand, and make the patch again (git diff; keep its head).")
    endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
    wavetank_apply_mutant()
    return()
endif()

# One program wavetank_<id>.
function(wavetank_mutant patch)
    cmake_path(GET patch STEM id)
    set(folder ${CMAKE_BINARY_DIR}/mutants/${id})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
    wavetank_patched_files(${patch} files)

    # What cannot be mutated is left to the script above to refuse, when this mutant is built.
    set(sources ${files})
    list(FILTER sources INCLUDE REGEX "\\.cc$")
    if(NOT sources)
        set(sources core/none.cc)
    endif()
    list(TRANSFORM sources PREPEND "${folder}/" OUTPUT_VARIABLE patched)
    list(TRANSFORM sources PREPEND "${CMAKE_SOURCE_DIR}/" OUTPUT_VARIABLE originals)
    list(FILTER originals EXCLUDE REGEX "/core/none\\.cc$")
    list(JOIN files "," joined)
    add_custom_command(
        OUTPUT ${patched}
        COMMAND ${CMAKE_COMMAND} -DPATCH=${patch} -DSOURCE=${CMAKE_SOURCE_DIR} -DTARGET=${folder}
                -DFILES=${joined} -P ${CMAKE_SOURCE_DIR}/tools/cmake/mutants.cmake
        DEPENDS ${patch} ${originals} ${CMAKE_SOURCE_DIR}/tools/cmake/mutants.cmake
        COMMENT "Mutant ${id}: patching ${joined}"
        VERBATIM)
    add_executable(wavetank_${id} EXCLUDE_FROM_ALL ${patched} $<TARGET_OBJECTS:wavetank>)
    target_link_libraries(wavetank_${id} PRIVATE wavetank_tools_program wavetank_sim)
    set_target_properties(wavetank_${id} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/mutants EXPORT_COMPILE_COMMANDS OFF)
    add_dependencies(mutants wavetank_${id})
endfunction()

add_custom_target(mutants)
add_dependencies(mutants wavetank)  # the control
file(GLOB mutant_patches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scenarios/bugs/*.patch)
foreach(patch ${mutant_patches})
    wavetank_mutant(${patch})
endforeach()

add_test(NAME mutants_fit COMMAND ${CMAKE_SOURCE_DIR}/tools/mutants --check)
add_test(NAME mutants COMMAND ${CMAKE_SOURCE_DIR}/tools/mutants --quick --build ${CMAKE_BINARY_DIR})
set_tests_properties(mutants PROPERTIES LABELS slow TIMEOUT 900 RUN_SERIAL ON)
