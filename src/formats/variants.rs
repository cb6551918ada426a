//! Variants: VCF and BCF lines, their alleles and genotypes.

pub mod alleles;
pub mod bcf;
pub mod genotypes;
pub mod vcf;
