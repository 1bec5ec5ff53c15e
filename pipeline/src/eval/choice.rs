//! Which clips are wanted: parts of names, or globs.

use globset::{Glob, GlobMatcher};

/// Wanted names; all of them if nothing is asked for.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    wanted: Vec<Wanted>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Part(String),
    Glob(GlobMatcher),
}

impl Choice {
    /// Each of `wanted` is a glob of the whole name if it holds one of `*?[{`, else a part of the name.
    pub fn parse(wanted: &[String]) -> Result<Self, globset::Error> {
        let parse = |text: &String| match text.contains(['*', '?', '[', '{']) {
            true => Ok(Wanted::Glob(Glob::new(text)?.compile_matcher())),
            false => Ok(Wanted::Part(text.clone())),
        };
        Ok(Self { wanted: wanted.iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// True if the clip of that name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty()
            || self.wanted.iter().any(|wanted| match wanted {
                Wanted::Part(part) => name.contains(part.as_str()),
                Wanted::Glob(glob) => glob.is_match(name),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_match_anywhere_and_globs_match_the_whole_name() {
        let choice = |wanted: &[&str]| Choice::parse(&wanted.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let some = choice(&["lamp", "seated-*-crf3?"]).unwrap();
        let names = ["empty-lamp-2", "seated-desk-crf30", "seated-desk-crf20", "my-seated-desk-crf30"];
        assert_eq!(names.map(|name| some.wants(name)), [true, true, false, false]);
        assert!(choice(&[]).unwrap().wants("anything"));
        assert!(choice(&["[a"]).is_err());
    }
}
