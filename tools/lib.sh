# What the scripts share: progress lines, installing packages, building. Source it from a script whose
# working folder is the top of the repository; it needs `set -euo pipefail`.
# shellcheck shell=bash

# A line that stands out between the output of tools.
say() { printf '== %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The packages in FILE that are not installed, one a line.
missing_packages() {
    local file=$1 package
    while read -r package; do
        [[ -z $package || $package == \#* ]] && continue
        # The state's third word is "installed" even for a held package.
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            printf '%s\n' "$package"
    done <"$file"
}

# Installs what the project needs and is missing; touches nothing if nothing is.
install_packages() { install_packages_of tools/packages; }

# The same for the packages in FILE.
install_packages_of() {
    local file=$1 missing=() as_root=()
    command -v dpkg-query >/dev/null ||
        die "this is no Debian system: install the equivalents of $file by hand"
    mapfile -t missing < <(missing_packages "$file")
    if [[ ${#missing[@]} -eq 0 ]]; then
        say "packages: all installed"
        return
    fi
    say "packages: installing ${missing[*]}"
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo >/dev/null ||
            die "missing packages, but neither root nor sudo; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        die "apt-get could not install: ${missing[*]}; the lines above tell why"
}

# The number of processes to build with; WAVETANK_JOBS overrides the number of cores.
jobs_number() { printf '%s\n' "${WAVETANK_JOBS:-$(nproc)}"; }

# build PRESET [TARGET...]: configures and builds; all targets if none is named.
build() {
    local preset=$1
    shift
    say "configure $preset"
    cmake --preset "$preset" >build.log 2>&1 || {
        cat build.log >&2
        die "cmake --preset $preset failed; its output is above"
    }
    rm -f build.log
    say "build $preset ${*:-(all targets)}"
    cmake --build "build/$preset" -j "$(jobs_number)" ${1:+--target "$@"}
}
